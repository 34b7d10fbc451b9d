package io.vfiouser.cli;

import io.vfiouser.cli.failure.CommandException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

    @Mixin private NvmeRange range = new NvmeRange();

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "Where they go; standard output unless given.")
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
        try (OutputStream stream = open()) {
            transfer.read(first, count, stream);
        } catch (IOException e) {
            throw new CommandException(
                    file.map(Path::toString).orElse("standard output") + ": " + e.getMessage(), e);
        }
    }

    private OutputStream open() throws IOException {
        // Not System.out, which keeps quiet about a full disk and a reader that is gone.
        return file.isPresent()
                ? Files.newOutputStream(file.get())
                : new FileOutputStream(FileDescriptor.out);
    }
}
