package io.vfiouser.it.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// [ServedProcess] with shell scripts in place of a server.
@ExtendWith(NoDescriptorLeaks.class)
final class ServedProcessTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    @Test
    void readyServerEndsBySigterm() throws Exception {
        try (var server =
                shell("echo warming up; echo hint >&2", "echo ready pid=$$ devices=3", 0)) {
            assertThat(server.ready().pid()).isPositive();
            assertThat(server.ready().devices()).isEqualTo(3);
        }
    }

    @Test
    void serverThatEndsBeforeItIsReadyFails() {
        assertThatThrownBy(() -> start("echo no such device type >&2; exit 2"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("ended with status 2 before it was ready")
                .hasMessageContaining("no such device type");
    }

    @Test
    void serverThatIsNotReadyInTimeFails() {
        assertThatThrownBy(() ->
                        ServedProcess.start(
                                List.of("sh", "-c", "echo listening soon; sleep 1000"),
                                Duration.ofMillis(500)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("not ready within PT0.5S")
                .hasMessageContaining("listening soon");
    }

    @Test
    void serverThatEndsBySigtermWithAnotherStatusFails() throws Exception {
        ServedProcess server =
                shell("echo socket left behind >&2", "echo ready pid=1 devices=1", 7);

        assertThatThrownBy(server::close)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("status 7 (expected: 0 on SIGTERM)")
                .hasMessageContaining("socket left behind");
    }

    /// A server that says `before` and `ready`, then waits for SIGTERM and ends with `status`.
    private static ServedProcess shell(String before, String ready, int status) throws Exception {
        return start(
                """
                trap 'kill $!; exit %d' TERM
                sleep 1000 >/dev/null 2>&1 &
                %s
                %s
                wait
                """
                        .formatted(status, before, ready));
    }

    private static ServedProcess start(String script) throws Exception {
        return ServedProcess.start(List.of("sh", "-c", script), TIMEOUT);
    }
}
