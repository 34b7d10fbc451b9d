package io.vfiouser.cli;

import io.vfiouser.cli.failure.CommandException;
import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.ByteSize;
import io.vfiouser.cli.text.Quoted;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "read",
        description = "Copy bytes of a namespace to a file.",
        footer = {
            "Example:",
            "  vfio-user nvme /run/vm1/nvme.sock read --length 1M --file disk.img"
        })
final class NvmeReadCommand implements Runnable {
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
            description = "Where they go; standard output unless given.")
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
        try (OutputStream stream = open()) {
            transfer.read(first, count, stream);
        } catch (IOException e) {
            throw new CommandException(
                    file.map(Path::toString).orElse("standard output") + ": " + e.getMessage(), e);
        }
    }

    private OutputStream open() throws IOException {
        return file.isPresent() ? Files.newOutputStream(file.get()) : System.out;
    }

    private static long size(String option, String text) {
        return ByteSize.parse(text)
                .orElseThrow(() ->
                        new UsageException(
                                "%s: %s (expected: a size, for example 64K)"
                                        .formatted(option, Quoted.of(text))));
    }
}
