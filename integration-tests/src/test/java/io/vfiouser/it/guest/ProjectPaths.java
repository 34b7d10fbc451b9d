package io.vfiouser.it.guest;

import io.vfiouser.testkit.guest.GuestRig;
import java.nio.file.Path;

/// Where the tests find what they run. They are run in this module's directory.
final class ProjectPaths {
    /// The command that a user starts.
    static final String LAUNCHER =
            Path.of("..", "vfio-user").toAbsolutePath().normalize().toString();

    /// What guests run on; the build has filled its cache.
    static final GuestRig RIG = GuestRig.orFail();

    /// Where guests leave their consoles.
    static final Path GUEST_LOGS = Path.of("target", "guest-logs").toAbsolutePath();

    private ProjectPaths() {}

    /// A script of `src/test/resources/guest/`.
    static Path guestScript(String name) {
        return Path.of("src", "test", "resources", "guest", name).toAbsolutePath();
    }
}
