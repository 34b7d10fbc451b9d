package io.vfiouser.it.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.testkit.guest.GuestResult;
import io.vfiouser.testkit.guest.GuestVm;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The rig itself, with guests that need no server: what a guest test may rely on.
@Tag("guest")
@ExtendWith(NoDescriptorLeaks.class)
final class GuestRigGuestTest {
    @TempDir private Path directory;

    @Test
    void guestSeesTheMachinesOwnFunctions() throws Exception {
        GuestResult guest =
                guest("pci-list", Duration.ofMinutes(2))
                        .script(ProjectPaths.RIG.script("guest/pci-list.sh"))
                        .boot()
                        .requireSuccess();

        assertThat(guest.lines("PCI 0000:00:00.0 0x8086:0x29c0 class=0x060000")).hasSize(1);
        assertThat(guest.log()).content().contains("PCI 0000:00:00.0");
    }

    @Test
    void failedScriptIsReportedWithWhatItPrinted() throws Exception {
        Path script = script("echo the seventh pin is stuck\nexit 3");

        GuestResult guest = guest("status", Duration.ofMinutes(2)).script(script).boot();

        assertThat(guest.status()).isEqualTo(3);
        assertThatThrownBy(guest::requireSuccess)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("status: 3 (expected: 0)")
                .hasMessageContaining("the seventh pin is stuck");
    }

    @Test
    void hangingGuestIsGivenUp() throws Exception {
        Path script = script("echo about to hang\nsleep 1000");

        assertThatThrownBy(guest("hang", Duration.ofSeconds(30)).script(script)::boot)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("run-guest.sh: status 124")
                .hasMessageContaining("about to hang");
    }

    @Test
    void crashedKernelEndsTheGuestAtOnce() throws Exception {
        Path script = script("echo c > /proc/sysrq-trigger\nsleep 1000");

        assertThatThrownBy(guest("crash", Duration.ofMinutes(2)).script(script)::boot)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("run-guest.sh: status 125")
                .hasMessageContaining("Kernel panic");
    }

    private static GuestVm.Builder guest(String name, Duration timeout) {
        return GuestVm.named("rig-" + name, ProjectPaths.RIG, ProjectPaths.GUEST_LOGS)
                .modules()
                .timeout(timeout);
    }

    private Path script(String body) throws Exception {
        return Files.writeString(directory.resolve("script.sh"), "#!/bin/sh\n" + body + "\n");
    }
}
