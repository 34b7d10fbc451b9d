package io.vfiouser.testkit.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/// [GuestVm] with stand-ins for the rig's scripts.
@ExtendWith(NoDescriptorLeaks.class)
final class GuestVmTest {
    @TempDir private Path rig;

    @Test
    void passesItsDescriptionToTheScripts() throws Exception {
        scripts("printf 'built <%s>\\n' \"$@\" > " + rig + "/built", "printf 'run <%s>\\n' \"$@\"");

        GuestResult guest =
                builder()
                        .modules("a", "b")
                        .tools("t")
                        .device(Path.of("/run/x.sock"))
                        .kernelParameters("p=1", "q=2")
                        .options("--mem", "256")
                        .timeout(Duration.ofSeconds(7))
                        .script(Path.of("/guest.sh"))
                        .boot()
                        .requireSuccess();

        Path initrd = rig.resolve("out").resolve("it.cpio");
        assertThat(rig.resolve("built"))
                .content()
                .isEqualToIgnoringNewLines(
                        "built <--modules>built <a b>built <--tools>built <t>"
                                + "built </guest.sh>built <"
                                + initrd
                                + ">");
        assertThat(guest.lines("run "))
                .containsExactly(
                        "run <--initrd>",
                        "run <" + initrd + ">",
                        "run <--timeout>",
                        "run <7>",
                        "run <--socket>",
                        "run </run/x.sock>",
                        "run <--append>",
                        "run <p=1 q=2>",
                        "run <--mem>",
                        "run <256>");
    }

    @Test
    void failureShowsTheLastEightyLines() throws Exception {
        scripts("exit 0", "seq 1 100; exit 9");

        GuestResult guest = builder().script(Path.of("/guest.sh")).boot();

        assertThat(guest.console()).hasSize(100);
        assertThatThrownBy(guest::requireSuccess)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("status: 9 (expected: 0)")
                .hasMessageContaining("\n    21\n")
                .hasMessageContaining("\n    100")
                .message()
                .doesNotContain("\n    20\n");
    }

    @Test
    void guestThatCannotBeBuiltFails() throws Exception {
        scripts("echo no such module >&2; exit 125", "exit 0");

        assertThatThrownBy(builder().script(Path.of("/guest.sh"))::boot)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("initramfs: status 125 (expected: 0)")
                .hasMessageContaining("no such module");
    }

    @Test
    void guestWithoutResultFails() throws Exception {
        scripts("exit 0", "echo QEMU is gone; exit 125");

        assertThatThrownBy(builder().script(Path.of("/guest.sh"))::boot)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("run-guest.sh: status 125")
                .hasMessageContaining("QEMU is gone");
    }

    @Test
    void scriptThatOverstaysIsKilledWithAllItStarted() throws Exception {
        scripts(
                "exit 0",
                """
                trap '' TERM
                sleep 1000 &
                echo "child $!"
                wait
                """);

        assertThatThrownBy(
                        builder()
                                        .timeout(Duration.ofSeconds(1))
                                        .grace(Duration.ZERO)
                                        .script(Path.of("/guest.sh"))
                                ::boot)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("still running, killed: ");

        String console = Files.readString(rig.resolve("out").resolve("it.log"));
        assertThat(console).startsWith("child ");
        long child = Long.parseLong(console.strip().substring("child ".length()));
        assertThat(ProcessHandle.of(child)).isEmpty();
    }

    @Test
    void linesOfAShellAreAScript() throws Exception {
        scripts("cat \"$3\"", "exit 0");

        builder().modules().shell("echo one\nfalse").boot();

        assertThat(rig.resolve("out").resolve("it.sh"))
                .content()
                .isEqualTo("#!/bin/sh\necho one\nfalse\n");
    }

    @Test
    void whatIsMissingIsFetchedOrSkipsOrFails() throws Exception {
        scripts("exit 0", "exit 0");
        script("setup-qemu.sh", "echo \"asked: $*\"; [ $# = 1 ]");

        assertThatThrownBy(guestWithATool(GuestRig.orFail())::boot)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("setup-qemu.sh --tools done once")
                .hasMessageContaining("asked: --tools --check");
        assertThatThrownBy(guestWithATool(GuestRig.orSkip())::boot)
                .isInstanceOf(TestAbortedException.class)
                .hasMessageContaining("asked: --tools --check");
        assertThat(guestWithATool(GuestRig.fetched()).boot().status()).isZero();
    }

    private GuestVm guestWithATool(GuestRig missing) {
        return GuestVm.named("it", missing.withScripts(rig), rig.resolve("out"))
                .tools("fio")
                .script(Path.of("/guest.sh"));
    }

    private GuestVm.Builder builder() {
        return GuestVm.named("it", GuestRig.orFail().withScripts(rig), rig.resolve("out"));
    }

    private void scripts(String build, String run) throws IOException {
        script("build-initramfs.sh", build);
        script("run-guest.sh", run);
        script("setup-qemu.sh", "exit 0");
    }

    private void script(String name, String body) throws IOException {
        Path script = Files.writeString(rig.resolve(name), "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    }
}
