package io.vfiouser.cli;

import io.vfiouser.cli.failure.CommandException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

    @Mixin private NvmeRange range = new NvmeRange();

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "Where they are; standard input unless given.")
    private Optional<Path> file = Optional.empty();

    @Override
    public void run() {
        long first = range.offset();
        long count = range.length();
        if (nvme != null) {
            nvme.transfer(range.namespace(), transfer -> copy(transfer, first, count));
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
}
