package io.vfiouser.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.os.SandboxSupport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Findings on machines that are made up.
final class ExaminationTest {
    @TempDir private Path directory;
    private Path proc = Path.of("");
    private Path programs = Path.of("");
    private Path sockets = Path.of("");

    @BeforeEach
    void aGoodMachine() throws IOException {
        proc = Files.createDirectory(directory.resolve("proc"));
        programs = Files.createDirectory(directory.resolve("bin"));
        sockets = Files.createDirectory(directory.resolve("s"));
        Files.setPosixFilePermissions(sockets, PosixFilePermissions.fromString("rwxr-x---"));
        write("sys/kernel/osrelease", "6.12.1\n");
        write("sys/vm/max_map_count", "1048576\n");
        write("self/limits", "Max open files            1024                 524288       files\n");
        program("qemu-system-x86_64", "echo QEMU 11.1; echo 'name \"vfio-user-pci\", bus PCI'");
        program("qemu-system-aarch64", "echo QEMU 11.1; echo 'name \"vfio-user-pci\", bus PCI'");
    }

    @Test
    void aGoodMachineNeedsNothing() {
        assertThat(Examination.of(proc, sockets, programs.toString()).findings())
                .filteredOn(finding -> !Set.of("KVM", "sandbox").contains(finding.subject()))
                .allSatisfy(finding -> {
                    assertThat(finding.verdict()).isEqualTo(Finding.Verdict.OK);
                    assertThat(finding.advice()).isEmpty();
                })
                .extracting(Finding::subject)
                .contains("kernel", "open files", "mappings", "socket directory", "QEMU");
    }

    @Test
    void theHardLimitCounts() throws IOException {
        write("self/limits", "Max open files            1024                 2048        files\n");
        assertThat(finding("open files").verdict()).isEqualTo(Finding.Verdict.WARN);
        assertThat(finding("open files").seen()).startsWith("2,048, enough for some 512 devices");
        assertThat(finding("open files").advice()).contains("LimitNOFILE");
    }

    @Test
    void fewMappingsAndAnOldKernelAreNamed() throws IOException {
        write("sys/vm/max_map_count", "65530\n");
        write("sys/kernel/osrelease", "5.10.0-8\n");
        assertThat(finding("mappings").advice()).contains("sysctl vm.max_map_count=");
        assertThat(finding("kernel").seen()).isEqualTo("Linux 5.10.0-8");
        assertThat(finding("kernel").verdict()).isEqualTo(Finding.Verdict.WARN);
    }

    @Test
    void eventFdsThatAClientCouldBlockAreAWarning() {
        assertThat(SystemChecks.interrupts(true).verdict()).isEqualTo(Finding.Verdict.OK);
        assertThat(SystemChecks.interrupts(false).advice()).contains("fs.aio-max-nr");
    }

    @Test
    void whatASandboxLacksIsNamed() {
        var whole = SystemChecks.sandbox(new SandboxSupport(6, "", true));
        assertThat(whole.seen()).isEqualTo("Landlock 6 with TCP ports and signals, seccomp");
        assertThat(whole.verdict()).isEqualTo(Finding.Verdict.OK);
        var none = SystemChecks.sandbox(new SandboxSupport(0, "switched off", true));
        assertThat(none.verdict()).isEqualTo(Finding.Verdict.WARN);
        assertThat(none.seen()).isEqualTo("Landlock 0, seccomp");
        assertThat(none.advice()).isEqualTo("Landlock: switched off; see --sandbox-best-effort");
    }

    @Test
    void qemuMayBeMissingOrTooOld() throws IOException {
        Files.delete(programs.resolve("qemu-system-x86_64"));
        Files.delete(programs.resolve("qemu-system-aarch64"));
        assertThat(finding("QEMU").seen()).contains("not in PATH");
        program("qemu-system-x86_64", "echo QEMU emulator version 9.2");
        program("qemu-system-aarch64", "echo QEMU emulator version 9.2");
        assertThat(finding("QEMU").seen())
                .isEqualTo("QEMU emulator version 9.2, without vfio-user-pci");
    }

    @Test
    void theDirectoryOfSocketsIsLookedAt() throws IOException {
        Files.setPosixFilePermissions(sockets, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(finding("socket directory").verdict()).isEqualTo(Finding.Verdict.WARN);
        Files.delete(sockets);
        assertThat(finding("socket directory").verdict()).isEqualTo(Finding.Verdict.FAIL);
        assertThat(finding("socket directory").advice()).isEqualTo("mkdir " + sockets);
    }

    private Finding finding(String subject) {
        return Examination.of(proc, sockets, programs.toString()).findings().stream()
                .filter(finding -> finding.subject().equals(subject))
                .findFirst()
                .orElseThrow();
    }

    private void write(String name, String text) throws IOException {
        Path file = proc.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void program(String name, String script) throws IOException {
        Path file = programs.resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
