package io.vfiouser.it.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.Errno;
import io.vfiouser.testkit.guest.GuestResult;
import io.vfiouser.testkit.guest.GuestVm;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A device reads and writes the memory of a real guest: by messages where QEMU does not share it,
/// in the dialect that this QEMU speaks, and directly where it does.
@Tag("guest")
@ExtendWith(NoDescriptorLeaks.class)
final class GuestDmaGuestTest {
    private static final long MEMORY = 400L << 20;

    private final GuestDrivenDevice device = new GuestDrivenDevice();

    @Test
    void memoryThatIsNotSharedIsReachedByMessages() throws Exception {
        GuestResult guest = run("dma-private", "--private-memory");

        requireCopies(guest);
        assertThat(device.messageBytes()).isGreaterThan(MEMORY);
        assertThat(device.directBytes()).isZero();
    }

    @Test
    void sharedMemoryIsReachedBothWays() throws Exception {
        GuestResult guest = run("dma-shared");

        requireCopies(guest);
        assertThat(device.directBytes()).isGreaterThan(MEMORY);
    }

    private GuestResult run(String name, String... options) throws Exception {
        try (var server = TestServer.start()) {
            Path socket = server.serve("dma", device);
            return GuestVm.named(name, ProjectPaths.RIG, ProjectPaths.GUEST_LOGS)
                    .modules()
                    .device(socket)
                    .options(options)
                    .kernelParameters("memmap=16M$256M")
                    .script(ProjectPaths.guestScript("dma.sh"))
                    .boot();
        }
    }

    private static void requireCopies(GuestResult guest) {
        guest.requireSuccess();
        assertThat(guest.lines("PASS ")).hasSize(7);
        // Without the bus master bit, QEMU refuses the device's messages.
        int refused = GuestDrivenDevice.FAILED + Errno.ENODEV.number();
        assertThat(guest.lines("STATUS bus master off: "))
                .containsExactly("STATUS bus master off: " + refused);
    }
}
