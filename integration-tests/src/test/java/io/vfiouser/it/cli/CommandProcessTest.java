package io.vfiouser.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.it.guest.ServedProcess;
import io.vfiouser.it.support.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Commands of `./vfio-user` from start to end, JVM warnings included.
@Timeout(180)
final class CommandProcessTest {
    @TempDir Path directory;

    @Test
    void helpIsForStandardOutput() throws Exception {
        CommandRun run = CommandRun.vfioUser("--help");
        assertThat(run.status()).isZero();
        assertThat(run.output()).contains("Commands:");
        assertThat(run.errors()).isEmpty();
    }

    @Test
    void badArgumentsAreOneLineAndStatus2() throws Exception {
        CommandRun run = CommandRun.vfioUser("serve", "gpoi", "--socket", "x");
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.output()).isEmpty();
        assertThat(run.errors())
                .containsExactly(
                        "vfio-user: gpoi: unknown device type (expected: edu, gpio, nvme, replay,"
                                + " serial, testdev, timer; did you mean gpio)");
    }

    @Test
    void qemuArgumentsNeedNoServer() throws Exception {
        CommandRun run = CommandRun.vfioUser("qemu-args", "/run/a.sock");
        assertThat(run.status()).isZero();
        assertThat(run.output())
                .containsExactly(
                        "-object memory-backend-memfd,id=mem,size=512M,share=on \\",
                        "-machine q35,memory-backend=mem \\",
                        "-device '{\"driver\":\"vfio-user-pci\",\"socket\":{\"type\":\"unix\","
                                + "\"path\":\"/run/a.sock\"}}'");
    }

    @Test
    void probeReadsADeviceAloud() throws Exception {
        String socket = directory.resolve("testdev.sock").toString();
        try (var served =
                ServedProcess.start(
                        List.of(
                                CommandRun.LAUNCHER.toString(),
                                "serve",
                                "testdev",
                                "--socket",
                                socket),
                        Duration.ofSeconds(50))) {
            assertThat(served.ready().devices()).isEqualTo(1);
            CommandRun run = CommandRun.vfioUser("probe", socket);
            assertThat(run.status()).isZero();
            assertThat(run.errors()).isEmpty();
            assertThat(run.output())
                    .startsWith(
                            socket
                                    + " Unassigned class [ff00]: Device [1af4:10f0] (rev 00)"
                                    + " (prog-if 00)")
                    .contains(
                            "    Subsystem: Device [1af4:10f0]",
                            "    Region 0: Memory at <unassigned> (32-bit, non-prefetchable)"
                                    + " [size=4K]",
                            "    Region 1: Memory at <unassigned> (32-bit, non-prefetchable)"
                                    + " [size=1M] [mappable: 0x0-0xfffff]",
                            "        Vector table: BAR=2 offset=00000800",
                            "        PBA: BAR=2 offset=00000c00")
                    .anyMatch(line -> line.matches(" {4}Capabilities: \\[..] Express \\(v2\\).*"))
                    .anyMatch(line -> line.matches(" {4}Capabilities: \\[..] MSI-X: .*Count=8.*"))
                    .anyMatch(line -> line.matches(" {4}Interrupts: INTx 1.*, MSI-X 8.*"));
        }
    }

    @Test
    void conformanceFindsNoDifferenceInOurServer() throws Exception {
        try (var server = TestServer.start()) {
            String socket = server.serve("gpio", new GpioDevice()).toString();
            CommandRun run = CommandRun.vfioUser("conformance", "--timeout", "10s", socket);
            assertThat(run.status()).isZero();
            assertThat(run.errors()).isEmpty();
            assertThat(run.output())
                    .startsWith(
                            socket
                                    + ": 494f:0dc8, 9 regions, 5 interrupt types, max_msg_fds 8,"
                                    + " max_data_xfer_size 1048576")
                    .anyMatch(line -> line.startsWith("DMA_MAP "))
                    .anyMatch(line -> line.matches("\\d+ passed, 0 differ, .* seed 0x5eed"));
        }
    }

    @Test
    void demoShowsTheMainJobAndLeavesNothingBehind() throws Exception {
        CommandRun run =
                CommandRun.of(
                        CommandRun.LAUNCHER,
                        directory,
                        Map.of("VFIO_USER_JAVA_OPTS", "-Djava.io.tmpdir=" + directory),
                        "demo");
        assertThat(run.status()).isZero();
        assertThat(run.errors()).isEmpty();
        assertThat(run.output())
                .anyMatch(line -> line.startsWith("gpio: "))
                .anyMatch(line -> line.contains("INTx"))
                .anyMatch(line -> line.startsWith("testdev: "))
                .anyMatch(line -> line.contains("MSI-X"))
                .anyMatch(line -> line.contains("DMA"))
                .anyMatch(line -> line.contains("vfio-user-pci"));
        try (var left = Files.list(directory)) {
            assertThat(left.filter(file -> file.toString().contains("vfio-user"))).isEmpty();
        }
    }

    @Test
    void demoThatStaysKeepsServing() throws Exception {
        String temp = "-Djava.io.tmpdir=" + directory;
        try (var served =
                ServedProcess.start(
                        List.of(
                                "env",
                                "VFIO_USER_JAVA_OPTS=" + temp,
                                CommandRun.LAUNCHER.toString(),
                                "demo",
                                "--stay"),
                        Duration.ofSeconds(50))) {
            assertThat(served.ready().devices()).isEqualTo(2);
            assertThat(directory).isNotEmptyDirectory();
        }
        try (var left = Files.list(directory)) {
            assertThat(left.filter(file -> file.toString().contains("vfio-user"))).isEmpty();
        }
    }
}
