package io.vfiouser.it.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.it.support.TestServer;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.options.Limits;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.testkit.guest.GuestVm;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// REGION_WRITE_MULTI from a real QEMU.
///
/// QEMU puts posted writes together once more than 1024 messages wait in its queue, which begins
/// when the socket is full (some 280 small messages). So the server stops to read for a while.
@Tag("guest")
@ExtendWith(NoDescriptorLeaks.class)
final class WriteMultiGuestTest {
    private static final int WRITES = 1400;

    private final GuestDrivenDevice device = new GuestDrivenDevice();

    @Test
    void queuedWritesComeTogetherAndInOrder() throws Exception {
        var limits = Limits.defaults().with(Limit.MAX_QUEUED_COMMANDS, 1);
        try (var log = ServerLog.of("io.vfiouser.server.session.Session");
                var server = TestServer.start(ServerOptions.defaults().withLimits(limits))) {
            Path socket = server.serve("burst", device);
            GuestVm.named("write-multi", ProjectPaths.RIG, ProjectPaths.GUEST_LOGS)
                    .modules()
                    .device(socket)
                    .kernelParameters("rig.writes=" + WRITES)
                    .console(line -> {
                        if (line.startsWith("BURST written")) {
                            device.openGate();
                        }
                    })
                    .script(ProjectPaths.guestScript("burst.sh"))
                    .boot()
                    .requireSuccess();

            assertThat(log.linesWith(" REGION_WRITE_MULTI ")).isNotEmpty();
            assertThat(log.linesWith(" REGION_WRITE ")).hasSizeLessThan(WRITES);
        }
    }
}
