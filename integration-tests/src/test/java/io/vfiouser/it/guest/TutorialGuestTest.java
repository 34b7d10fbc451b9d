package io.vfiouser.it.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.it.readme.TutorialCode;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The tutorial's device in a guest, driven by the tutorial's lines.
@Tag("guest")
@ExtendWith(NoDescriptorLeaks.class)
final class TutorialGuestTest {
    @Test
    void theGuestGetsItsChecksum(@TempDir Path directory) throws Exception {
        Path script = directory.resolve("tutorial.sh");
        Files.writeString(script, "#!/bin/sh\n" + TutorialCode.guestScript());
        GuestResult guest;
        try (var server = TestServer.start()) {
            Path socket = server.serve("checksum0", TutorialCode.newDevice(directory));
            guest =
                    GuestVm.named("tutorial", ProjectPaths.RIG, ProjectPaths.GUEST_LOGS)
                            .modules()
                            .device(socket)
                            .kernelParameters("memmap=64K$0x50000", "iomem=relaxed")
                            .script(script)
                            .boot();
        }
        guest.requireSuccess();
        assertThat(guest.lines("STATUS")).containsExactly("STATUS 0x00000002");
        assertThat(guest.lines("RESULT")).containsExactly("RESULT 0xE3069283");
    }
}
