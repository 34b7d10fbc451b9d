package io.vfiouser.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.it.guest.ServedProcess;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// `./vfio-user serve` in a process of its own.
@ExtendWith(NoDescriptorLeaks.class)
@Timeout(180)
final class ServeProcessTest {
    private static final Duration START = Duration.ofSeconds(50);

    @TempDir Path directory;

    /// The JDK keeps one descriptor for ever, opened with the first channel that is closed.
    @BeforeAll
    static void openTheJdksOwnDescriptor() throws IOException {
        ServerSocketChannel.open(StandardProtocolFamily.UNIX).close();
    }

    private Path socket(String name) {
        return directory.resolve(name);
    }

    private static ServedProcess serve(String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(CommandRun.LAUNCHER.toString(), "serve"));
        command.addAll(List.of(arguments));
        return ServedProcess.start(command, START);
    }

    @Test
    void endsBySigtermWithItsSocketsRemoved() throws Exception {
        String pattern = socket("gpio%d.sock").toString();
        ServedProcess served = serve("gpio", "--socket", pattern, "--count", "3");
        try (served) {
            assertThat(served.ready().devices()).isEqualTo(3);
            assertThat(IntStream.range(0, 3).mapToObj(i -> socket("gpio" + i + ".sock")))
                    .allMatch(Files::exists);
        }
        assertThat(served.errorLines()).isEmpty();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void closesItsClientsAtTheEnd() throws Exception {
        Path socket = socket("gpio.sock");
        ServedProcess served = serve("gpio", "--socket", socket.toString());
        try (var client = VfioUserClient.connect(socket)) {
            try (served) {
                assertThat(client.configSpace().read32(0)).isEqualTo(0x0dc8_494fL);
            }
            client.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
        assertThat(served.errorLines()).isEmpty();
    }

    /// The first one takes the JVM 100 ms to load, on the loop, while the first client waits.
    @Test
    void loadsNoEventsOfTheFlightRecorderWithoutARecording() throws Exception {
        var served =
                CommandRun.start(
                        CommandRun.LAUNCHER,
                        directory,
                        Map.of("VFIO_USER_JAVA_OPTS", "-Xlog:class+load:file=classes"),
                        "serve",
                        "gpio",
                        "--socket",
                        "g",
                        "--once");
        assertThat(served.line()).startsWith("ready ");
        try (var client = VfioUserClient.connect(socket("g"))) {
            assertThat(client.configSpace().read32(0)).isEqualTo(0x0dc8_494fL);
        }
        assertThat(served.await().status()).isZero();
        assertThat(Files.readString(socket("classes")))
                .contains("io.vfiouser.server.session.CommandTimer ")
                .doesNotContain("io.vfiouser.server.events.CommandEvent ")
                .doesNotContain("io.vfiouser.server.events.SessionEvent ");
    }

    @Test
    void endsBySigintToo() throws Exception {
        var served =
                CommandRun.start(
                        CommandRun.LAUNCHER, directory, Map.of(), "serve", "gpio", "--socket", "g");
        assertThat(served.line()).startsWith("ready ");
        new ProcessBuilder("kill", "-INT", String.valueOf(served.process().pid()))
                .start()
                .waitFor();
        CommandRun run = served.await();
        assertThat(run.status()).isZero();
        assertThat(run.errors()).isEmpty();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void onceEndsWhenTheFirstClientHasLeft() throws Exception {
        var served =
                CommandRun.start(
                        CommandRun.LAUNCHER,
                        directory,
                        Map.of(),
                        "serve",
                        "gpio",
                        "--socket",
                        "%d",
                        "--count",
                        "2",
                        "--once");
        assertThat(served.line()).startsWith("ready ");
        try (var client = VfioUserClient.connect(socket("1"))) {
            assertThat(client.info().pci()).isTrue();
            assertThat(served.process().isAlive()).isTrue();
        }
        CommandRun run = served.await();
        assertThat(run.status()).isZero();
        assertThat(run.output()).containsExactly(readyLine(served, 2));
        assertThat(run.errors()).isEmpty();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void servesTheDevicesOfAConfigFile() throws Exception {
        Path config =
                Files.writeString(
                        socket("fleet.yaml"),
                        """
                        devices:
                          - type: gpio
                            socket: %1$s/gpio.sock
                          - type: testdev
                            socket: %1$s/testdev%%d.sock
                            count: 2
                        """
                                .formatted(directory));
        try (var served = serve("--config", config.toString(), "--event-loops", "2")) {
            assertThat(served.ready().devices()).isEqualTo(3);
            try (var gpio = VfioUserClient.connect(socket("gpio.sock"));
                    var testdev = VfioUserClient.connect(socket("testdev1.sock"))) {
                assertThat(gpio.configSpace().read16(0)).isEqualTo(0x494f);
                assertThat(testdev.configSpace().read16(0)).isEqualTo(0x1af4);
            }
        }
    }

    @Test
    void replacesAStaleSocket() throws Exception {
        Path socket = socket("gpio.sock");
        try (var dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(socket));
        }
        assertThat(socket).exists();
        try (var served = serve("gpio", "--socket", socket.toString());
                var client = VfioUserClient.connect(socket)) {
            assertThat(served.ready().devices()).isEqualTo(1);
            assertThat(client.info().pci()).isTrue();
        }
    }

    @Test
    void namesWhoHasALiveSocketAndLeavesNothingBehind() throws Exception {
        Path socket = socket("1");
        try (var live = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            live.bind(UnixDomainSocketAddress.of(socket));
            CommandRun run =
                    CommandRun.vfioUser(
                            "serve", "gpio", "--socket", socket("%d").toString(), "--count", "2");
            assertThat(run.status()).isEqualTo(1);
            assertThat(run.output()).isEmpty();
            assertThat(run.errors()).hasSize(1);
            assertThat(run.errors().getFirst())
                    .startsWith("vfio-user: ")
                    .contains(socket.toString())
                    .contains(String.valueOf(ProcessHandle.current().pid()));
            assertThat(directory).isDirectoryNotContaining(file -> !file.equals(socket));
        }
    }

    @Test
    void namesAFileThatIsNoSocketAndADirectoryThatIsMissing() throws Exception {
        Path file = Files.writeString(socket("precious"), "data");
        CommandRun taken = CommandRun.vfioUser("serve", "gpio", "--socket", file.toString());
        assertThat(taken.status()).isEqualTo(1);
        assertThat(taken.errors()).hasSize(1);
        assertThat(taken.errors().getFirst()).startsWith("vfio-user: ").contains(file.toString());
        assertThat(file).hasContent("data");

        Path lost = socket("nowhere").resolve("g.sock");
        CommandRun missing = CommandRun.vfioUser("serve", "gpio", "--socket", lost.toString());
        assertThat(missing.status()).isEqualTo(1);
        assertThat(missing.errors()).hasSize(1);
        assertThat(missing.errors().getFirst()).startsWith("vfio-user: ").contains("nowhere");
    }

    private static String readyLine(CommandRun.Running served, int devices) {
        return "ready pid=%d devices=%d".formatted(served.process().pid(), devices);
    }
}
