package io.vfiouser.it.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The rig's nbdkit, serving a file on a UNIX socket.
public final class Nbdkit {
    private Nbdkit() {}

    /// Serves `disk` and waits until it does.
    public static NbdServer serve(Path disk, Path socket, String... options)
            throws IOException, InterruptedException {
        Files.deleteIfExists(socket);
        Path pid = socket.resolveSibling("nbdkit.pid");
        Files.deleteIfExists(pid);
        List<String> command = new ArrayList<>();
        command.addAll(List.of(NbdServer.script("nbdkit.sh"), "file", "--foreground"));
        command.addAll(List.of("--exit-with-parent", "--unix", socket.toString()));
        command.addAll(List.of("--pidfile", pid.toString()));
        command.addAll(List.of(options));
        command.add(disk.toString());
        return NbdServer.start(
                command,
                () -> Files.exists(pid),
                socket.resolveSibling("nbdkit.log"),
                "nbd+unix:///?socket=" + socket);
    }
}
