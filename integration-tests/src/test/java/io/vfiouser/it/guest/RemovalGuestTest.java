package io.vfiouser.it.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.it.support.TestServer;
import io.vfiouser.server.Removal;
import io.vfiouser.server.ServedDevice;
import io.vfiouser.testkit.guest.GuestResult;
import io.vfiouser.testkit.guest.GuestVm;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A device is taken out of service under a running guest.
@Tag("guest")
@ExtendWith(NoDescriptorLeaks.class)
final class RemovalGuestTest {
    private static final Duration GRACE = Duration.ofSeconds(1);

    @Test
    void qemuHearsNoRequestAndTheGuestOutlivesItsDevice() throws Exception {
        var removed = new CompletableFuture<Removal>();
        try (var log = ServerLog.of("io.vfiouser.server.session.DeviceHost");
                var server = TestServer.start()) {
            Path socket = server.serve("leaving", new GuestDrivenDevice());
            ServedDevice device = server.server().devices().iterator().next();
            GuestResult guest =
                    GuestVm.named("removal", ProjectPaths.RIG, ProjectPaths.GUEST_LOGS)
                            .modules()
                            .device(socket)
                            .console(line -> {
                                if (line.startsWith("REMOVAL ready")) {
                                    device.remove(GRACE).thenAccept(removed::complete);
                                }
                            })
                            .script(ProjectPaths.guestScript("removal.sh"))
                            .boot();

            guest.requireSuccess();
            assertThat(removed.get(20, TimeUnit.SECONDS)).isEqualTo(Removal.CLIENT_DISCONNECTED);
            assertThat(log.linesWith("it does not listen to REQ")).hasSize(1);
            assertThat(guest.lines("REMOVAL register 0xFFFFFFFF")).hasSize(1);
            assertThat(guest.lines("REMOVAL device still on the bus")).hasSize(1);
        }
    }
}
