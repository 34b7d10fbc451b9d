package io.vfiouser.testkit.hammer;

import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.VfioUserClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// The process behind a socket, as `/proc` shows it to those who may look.
///
/// @param pid 0 if it is in another namespace
record ServerProcess(int pid) {
    private static final HammerReport.Holdings UNKNOWN = new HammerReport.Holdings(-1, -1);
    private static final Duration PAUSE = Duration.ofMillis(20);

    /// Asks who listens; the connection made for it is closed.
    static ServerProcess behind(Path socket, ClientOptions options) {
        try (var client = VfioUserClient.connect(socket, options)) {
            return new ServerProcess(client.serverCredentials().pid());
        }
    }

    HammerReport.Holdings holdings() {
        if (pid == 0 || pid == ProcessHandle.current().pid()) {
            return UNKNOWN; // what this process holds is ours as well
        }
        Path process = Path.of("/proc", Integer.toString(pid));
        try (var descriptors = Files.list(process.resolve("fd"));
                var mappings = Files.lines(process.resolve("maps"))) {
            return new HammerReport.Holdings((int) descriptors.count(), (int) mappings.count());
        } catch (IOException _) {
            return UNKNOWN;
        }
    }

    /// What it holds once it holds no more descriptors than before, or after `limit`: a server may
    /// still be busy with a client that has gone.
    HammerReport.Holdings settled(HammerReport.Holdings before, Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        HammerReport.Holdings now = holdings();
        while (now.descriptors() > before.descriptors() && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(PAUSE.toNanos());
            now = holdings();
        }
        return now;
    }
}
