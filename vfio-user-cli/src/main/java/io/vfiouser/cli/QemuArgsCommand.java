package io.vfiouser.cli;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.qemu.Listeners;
import io.vfiouser.cli.qemu.QemuArguments;
import io.vfiouser.cli.text.ByteSize;
import io.vfiouser.cli.text.JsonText;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.cli.text.SocketPath;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "qemu-args",
        description = "Print the QEMU arguments that attach served devices to a guest.",
        footer = {
            "The guest's memory is shared with the devices' process, for DMA.",
            "",
            "Examples:",
            "  vfio-user qemu-args /run/vm1/gpio.sock",
            "  eval qemu-system-x86_64 \"$(vfio-user qemu-args --memory 2G a.sock b.sock)\""
                    + " disk.img"
        })
final class QemuArgsCommand implements Runnable {
    private static final long MIN_MEMORY = 1 << 20;

    private final PrintWriter out;
    private final PrintWriter err;

    @Parameters(arity = "1..*", paramLabel = "PATH", description = "sockets of served devices")
    private List<String> sockets = new ArrayList<>();

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            description = "Guest memory, for example 2G; @|bold 512M|@ unless given.")
    private String memory = "512M";

    @Mixin private JsonOption json = new JsonOption();

    QemuArgsCommand(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public void run() {
        List<Path> absolute = sockets.stream().map(QemuArgsCommand::absolute).toList();
        var arguments = new QemuArguments(absolute, memory());
        out.println(json.isAsked() ? json(arguments) : arguments.shellText());
        absolute.forEach(this::warnOfAbsence);
    }

    private static String json(QemuArguments arguments) {
        return JsonText.value(json -> {
            json.writeStartArray();
            arguments.words().forEach(json::writeString);
            json.writeEndArray();
        });
    }

    private void warnOfAbsence(Path socket) {
        Listeners.absence(socket)
                .ifPresent(why ->
                        err.println(
                                "vfio-user: %s: %s (expected: a server before QEMU starts)"
                                        .formatted(Quoted.path(socket.toString()), why)));
        err.flush();
    }

    /// QEMU may be started elsewhere, so the path must do from everywhere.
    private static Path absolute(String socket) {
        Path path = SocketPath.parse("PATH", socket).toAbsolutePath();
        return SocketPath.parse("PATH", path.toString());
    }

    private long memory() {
        return ByteSize.parse(memory)
                .filter(size -> size >= MIN_MEMORY)
                .orElseThrow(() ->
                        new UsageException(
                                "--memory: %s (expected: a size of at least 1M, for example 2G)"
                                        .formatted(Quoted.of(memory))));
    }
}
