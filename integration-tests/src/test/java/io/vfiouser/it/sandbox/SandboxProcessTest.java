package io.vfiouser.it.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.it.guest.ServedProcess;
import io.vfiouser.os.SandboxSupport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a sandboxed server can and cannot do, with the kernel's own word for each.
@Timeout(120)
final class SandboxProcessTest {
    private static final int NOBODY = 65_534;

    @TempDir private Path directory;
    private Path sockets = Path.of("");
    private Path disks = Path.of("");
    private SandboxedServer server;

    @BeforeEach
    void makeDirectories() throws IOException {
        assumeThat(SandboxSupport.ofKernel().missing()).isEmpty();
        sockets = Files.createDirectory(directory.resolve("sockets"));
        disks = Files.createDirectory(directory.resolve("disks"));
        server = new SandboxedServer(Files.createDirectory(directory.resolve("classes")));
    }

    private String socket(String name) {
        return sockets.resolve(name).toString();
    }

    @Test
    void whatIsOutsideStaysOutside() throws Exception {
        Path outside = Files.writeString(directory.resolve("outside"), "secret");
        Process victim = new ProcessBuilder("sleep", "600").start();
        try (var refused = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                var allowed = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                ServedProcess served =
                        server.start(
                                "escape",
                                "--socket=" + socket("e.sock"),
                                "--set=inside=" + disks,
                                "--set=outside=" + outside,
                                "--set=victim=" + victim.pid(),
                                "--set=refused=" + refused.getLocalPort(),
                                "--set=allowed=" + allowed.getLocalPort(),
                                "--sandbox",
                                "--sandbox-write=" + disks,
                                "--sandbox-connect=" + allowed.getLocalPort())) {
            assertThat(served.outputLines().getFirst())
                    .startsWith("sandbox: user ")
                    .contains("no new privileges, files, TCP ports", "by seccomp");
            List<String> report = Files.readAllLines(disks.resolve(EscapeProvider.REPORT));
            assertThat(report)
                    .contains(
                            "read outside: java.nio.file.AccessDeniedException: " + outside,
                            "write outside: java.nio.file.AccessDeniedException: " + outside,
                            "connect inside: done",
                            "write inside: done",
                            "NoNewPrivs: 1",
                            "Seccomp: 2")
                    .noneMatch(line -> line.matches("(make|list) outside: done"))
                    .noneMatch(line -> line.matches("run .*: done"))
                    .noneMatch(line -> line.equals("connect outside: done"))
                    .noneMatch(line -> line.equals("read another process: done"));
            if (SandboxSupport.ofKernel().scopes()) {
                assertThat(report).contains("signal: java.io.IOException: not sent");
                assertThat(victim.isAlive()).isTrue();
            }
            assertThat(outside).hasContent("secret");
            try (var client = VfioUserClient.connect(Path.of(socket("e.sock")))) {
                assertThat(client.configSpace().read16(0)).isEqualTo(0x494f);
            }
        } finally {
            victim.destroyForcibly().waitFor();
        }
        assertThat(sockets).isEmptyDirectory();
    }

    @Test
    void stateIsKeptAndFoundAgain() throws Exception {
        Path states = Files.createDirectory(directory.resolve("states"));
        String[] command = {
            "gpio", "--socket=" + socket("g.sock"), "--state=" + states, "--sandbox"
        };
        ServedProcess stopped = server.start(command);
        try (var client = VfioUserClient.connect(Path.of(socket("g.sock")))) {
            try (stopped) {
                client.write(2, 0, 1, 0x3c);
            }
        }
        assertThat(states.resolve("gpio0.state")).exists();
        try (var _ = server.start(command);
                var client = VfioUserClient.connect(Path.of(socket("g.sock")))) {
            assertThat(client.read(2, 0, 1)).isEqualTo(0x3c);
            assertThat(states).isEmptyDirectory();
        }
    }

    @Test
    void becomesAnotherUser() throws Exception {
        assumeThat(Files.getAttribute(Path.of("/proc/self"), "unix:uid")).isEqualTo(0);
        makeReadable();
        Files.setAttribute(sockets, "unix:uid", NOBODY);
        try (ServedProcess served =
                server.start(
                        "gpio",
                        "--socket=" + socket("g.sock"),
                        "--sandbox",
                        "--sandbox-user=65534:65534")) {
            assertThat(served.outputLines().getFirst()).startsWith("sandbox: user 65534, ");
            List<String> status =
                    Files.readAllLines(Path.of("/proc/" + served.ready().pid() + "/status"));
            assertThat(status)
                    .contains("Uid:\t65534\t65534\t65534\t65534", "CapEff:\t0000000000000000");
            try (var client = VfioUserClient.connect(Path.of(socket("g.sock")))) {
                assertThat(client.configSpace().read16(0)).isEqualTo(0x494f);
            }
        }
    }

    /// A user other than root must come to the classes; where they are out of reach there is
    /// nothing to test.
    private void makeReadable() throws IOException {
        for (Path path : List.of(directory, sockets, directory.resolve("classes"))) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        boolean reachable =
                Stream.of(System.getProperty("java.class.path").split(":", -1))
                        .map(entry -> Path.of(entry).toAbsolutePath())
                        .filter(Files::exists)
                        .allMatch(SandboxProcessTest::allMayPass);
        assumeThat(reachable).isTrue();
    }

    private static boolean allMayPass(Path path) {
        try {
            for (Path each = path; each != null; each = each.getParent()) {
                int mode = (int) Files.getAttribute(each, "unix:mode");
                if ((mode & 0b101) == 0 || (Files.isDirectory(each) && (mode & 1) == 0)) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void aDiskInADirectoryThatMayBeWrittenWorks() throws Exception {
        Path disk = disks.resolve("disk.img");
        try (var file =
                FileChannel.open(
                        disk, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
            file.write(ByteBuffer.wrap(new byte[1]), (1 << 20) - 1);
        }
        String path = socket("nvme.sock");
        try (ServedProcess served =
                server.start(
                        "nvme",
                        "--socket=" + path,
                        "--set=backend=file",
                        "--set=path=" + disk,
                        "--sandbox",
                        "--sandbox-write=" + disks)) {
            assertThat(served.ready().devices()).isEqualTo(1);
            NvmeOnce.writeAndRead(Path.of(path));
        }
        assertThat(Files.readAllBytes(disk)).startsWith(NvmeOnce.BLOCK);
    }

    @Test
    void aDiskElsewhereIsRefused() throws Exception {
        Path disk = Files.write(directory.resolve("elsewhere.img"), new byte[1 << 20]);
        Process process =
                new ProcessBuilder(
                                server.command(
                                        "nvme",
                                        "--socket=" + socket("nvme.sock"),
                                        "--set=backend=file",
                                        "--set=path=" + disk,
                                        "--sandbox"))
                        .redirectErrorStream(true)
                        .start();
        assertThat(process.inputReader().lines())
                .anyMatch(line -> line.contains("elsewhere.img: Permission denied"));
        assertThat(process.waitFor()).isNotZero();
    }

    @Test
    void nbdServersAreReachedAtPortsThatAreNamed() throws Exception {
        try (var nbd = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Process process =
                    new ProcessBuilder(
                                    server.command(
                                            "nvme",
                                            "--socket=" + socket("nvme.sock"),
                                            "--set=backend=nbd",
                                            "--set=uri=nbd://127.0.0.1:" + nbd.getLocalPort(),
                                            "--sandbox",
                                            "--sandbox-connect=" + nbd.getLocalPort()))
                            .start();
            nbd.setSoTimeout(60_000);
            nbd.accept().close();
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void handsOverFromOneSandboxToTheNext() throws Exception {
        Path handovers = Files.createDirectory(directory.resolve("handovers"));
        String handover = handovers.resolve("h.sock").toString();
        Path path = Path.of(socket("t.sock"));
        ServedProcess old =
                server.start("testdev", "--socket=" + path, "--handover=" + handover, "--sandbox");
        try (var client = VfioUserClient.connect(path)) {
            client.write(1, 0x80, 4, 0x1234_5678);
            try (ServedProcess next =
                    server.start(
                            "--takeover=" + handover, "--sandbox", "--sandbox-write=" + sockets)) {
                assertThat(next.outputLines().get(1)).startsWith("took over 1 devices, 1 clients");
                assertThat(client.read(1, 0x80, 4)).isEqualTo(0x1234_5678);
                client.write(1, 0x84, 4, 0x55);
                assertThat(client.read(1, 0x84, 4)).isEqualTo(0x55);
                assertThat(next.errorLines()).noneMatch(line -> line.contains("not rehearsed"));
            }
        } finally {
            old.close();
        }
        assertThat(sockets).isEmptyDirectory();
        assertThat(handovers).isEmptyDirectory();
    }
}
