package io.vfiouser.it.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.it.guest.ServedProcess;
import io.vfiouser.it.support.JavaCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `vfio-user serve --state` in processes that end by SIGTERM, or worse.
@Timeout(180)
final class StateProcessTest {
    private static final Duration START = Duration.ofSeconds(50);
    private static final int BAR = 2;

    @TempDir Path directory;
    private Path states;

    @BeforeEach
    void makeDirectory() throws IOException {
        states = Files.createDirectory(directory.resolve("states"));
    }

    @Test
    void sigtermAndStartGoOnOnceForEachDevice() throws Exception {
        ServedProcess stopped = serve("--grace=10ms");
        try (var first = connect(0);
                var second = connect(1)) {
            try (stopped) {
                first.write(BAR, 0, 1, 0x10);
                second.write(BAR, 0, 1, 0x21);
            }
        }
        assertThat(states.resolve("gpio0.state")).exists();
        assertThat(states.resolve("gpio1.state")).exists();
        try (var served = serve();
                var first = connect(0);
                var second = connect(1)) {
            assertThat(states).isEmptyDirectory();
            assertThat(first.read(BAR, 0, 1)).isEqualTo(0x10);
            assertThat(second.read(BAR, 0, 1)).isEqualTo(0x21);
            served.kill();
        }
        // a crash leaves no state behind
        assertThat(states).isEmptyDirectory();
        try (var _ = serve();
                var first = connect(0)) {
            assertThat(first.read(BAR, 0, 1)).isZero();
        }
    }

    @Test
    void oneBadFileServesNothingAndSpoilsNothing() throws Exception {
        ServedProcess stopped = serve();
        try (var first = connect(0)) {
            try (stopped) {
                first.write(BAR, 0, 1, 0x10);
            }
        }
        Path bad = states.resolve("gpio1.state");
        byte[] whole = Files.readAllBytes(bad);
        byte[] broken = whole.clone();
        broken[20] ^= 1;
        Files.write(bad, broken);
        assertThatThrownBy(this::serve)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("ended with status 1")
                .hasMessageContaining("--state: " + bad + ": CRC32C: ")
                .hasMessageContaining("move it away to begin without that state");
        assertThat(directory.resolve("gpio0.sock")).doesNotExist();
        assertThat(states.resolve("gpio0.state")).exists();
        Files.write(bad, whole);
        try (var _ = serve();
                var first = connect(0)) {
            assertThat(first.read(BAR, 0, 1)).isEqualTo(0x10);
        }
    }

    @Test
    void aTypeWithoutStateIsRefused() {
        assertThatThrownBy(() ->
                        start(
                                "testdev",
                                "--socket=" + directory.resolve("t.sock"),
                                "--state=" + states))
                .hasMessageContaining("ended with status 1")
                .hasMessageContaining("testdev0: state: device without Migratable (expected:");
    }

    @Test
    void aDirectoryThatIsNotThereIsAUsageError() {
        assertThatThrownBy(() ->
                        start(
                                "gpio",
                                "--socket=" + directory.resolve("g.sock"),
                                "--state=" + directory.resolve("none")))
                .hasMessageContaining("ended with status 2")
                .hasMessageContaining("--state: ")
                .hasMessageContaining("(expected: a directory that can be written)");
    }

    private ServedProcess serve(String... more) throws IOException, InterruptedException {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "gpio",
                                "--socket=" + directory.resolve("gpio%d.sock"),
                                "--count=2",
                                "--state=" + states));
        arguments.addAll(List.of(more));
        return start(arguments.toArray(String[]::new));
    }

    private static ServedProcess start(String... arguments)
            throws IOException, InterruptedException {
        List<String> command = JavaCommand.of("io.vfiouser.cli.Main", "serve");
        command.addAll(List.of(arguments));
        return ServedProcess.start(command, START);
    }

    private VfioUserClient connect(int number) {
        return VfioUserClient.connect(directory.resolve("gpio" + number + ".sock"));
    }
}
