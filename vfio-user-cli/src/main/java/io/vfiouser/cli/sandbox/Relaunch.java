package io.vfiouser.cli.sandbox;

import io.vfiouser.os.FileRule;
import io.vfiouser.os.ProcessImage;
import io.vfiouser.os.Sandbox;
import io.vfiouser.os.SandboxSupport;
import io.vfiouser.os.UserId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// This process, started again with the same arguments and less power.
final class Relaunch {
    /// Holds the id of a process that is inside; its children are others.
    private static final String MARK = "VFIO_USER_SANDBOXED";

    /// The JVM would make a file for its counters, for the tools of other users.
    private static final String NO_COUNTERS = "-XX:-UsePerfData";

    private Relaunch() {}

    /// Whether this process has been started again.
    static boolean isInside() {
        return Long.toString(ProcessHandle.current().pid()).equals(System.getenv(MARK));
    }

    /// Restricts the calling thread and starts this process again from it; does not return.
    ///
    /// @throws io.vfiouser.os.NativeCallException if that cannot be done
    /// @throws IOException if `/proc` does not tell what this process is
    static void inside(SandboxSupport support, SandboxNeeds needs, Optional<UserId> user)
            throws IOException {
        ProcessImage now = ProcessImage.current();
        List<byte[]> arguments = new ArrayList<>(now.arguments());
        arguments.add(1, bytes(NO_COUNTERS));
        List<byte[]> environment = new ArrayList<>(now.environment());
        environment.removeIf(text -> text(text).startsWith(MARK + "="));
        environment.add(bytes(MARK + "=" + ProcessHandle.current().pid()));
        var next = new ProcessImage(now.program(), arguments, environment);
        List<FileRule> files =
                new ArrayList<>(
                        JavaFiles.rules(
                                now.program(), arguments.stream().map(Relaunch::text).toList()));
        files.addAll(needs.files());
        new Sandbox(files, needs.bind(), needs.connect(), user).enter(support);
        next.replace(needs.descriptors()::contains);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
