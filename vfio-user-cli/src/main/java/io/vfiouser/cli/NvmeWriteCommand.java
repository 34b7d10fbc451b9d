package io.vfiouser.cli;

import io.vfiouser.cli.failure.CommandException;
import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.ByteSize;
import io.vfiouser.cli.text.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "write",
        description = "Copy bytes of a file to a namespace, and flush them.",
        footer = {
            "Example:",
            "  vfio-user nvme /run/vm1/nvme.sock write --length 1M --file disk.img"
        })
final class NvmeWriteCommand implements Runnable {
    @ParentCommand private @Nullable NvmeCommand nvme;

    @Option(
            names = "--offset",
            paramLabel = "SIZE",
            description = "First byte in the namespace; 0 unless given.")
    private String offset = "0";

    @Option(names = "--length", paramLabel = "SIZE", required = true, description = "Bytes.")
    private String length = "";

    @Option(names = "--namespace", paramLabel = "ID", description = "1 unless given.")
    private int namespace = 1;

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "Where they are; standard input unless given.")
    private Optional<Path> file = Optional.empty();

    @Override
    public void run() {
        long first = size("--offset", offset);
        long count = size("--length", length);
        if (nvme != null) {
            nvme.transfer(namespace, transfer -> copy(transfer, first, count));
        }
    }

    private void copy(NvmeTransfer transfer, long first, long count) {
        transfer.check(first, count);
        try (InputStream stream = open()) {
            transfer.write(first, count, stream);
        } catch (IOException e) {
            throw new CommandException(
                    file.map(Path::toString).orElse("standard input") + ": " + e.getMessage(), e);
        }
    }

    private InputStream open() throws IOException {
        return file.isPresent() ? Files.newInputStream(file.get()) : System.in;
    }

    private static long size(String option, String text) {
        return ByteSize.parse(text)
                .orElseThrow(() ->
                        new UsageException(
                                "%s: %s (expected: a size, for example 64K)"
                                        .formatted(option, Quoted.of(text))));
    }
}
