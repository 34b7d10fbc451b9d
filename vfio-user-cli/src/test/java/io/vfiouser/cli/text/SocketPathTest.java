package io.vfiouser.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.cli.failure.UsageException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class SocketPathTest {
    @Test
    void takesPathsUpToTheKernelsLimit() {
        String path = "/" + "a".repeat(106);
        assertThat(SocketPath.parse("--socket", path)).isEqualTo(Path.of(path));
    }

    @Test
    void countsBytesNotCharacters() {
        String path = "/" + "\u00e9".repeat(54);
        assertThatThrownBy(() -> SocketPath.parse("--socket", path))
                .isInstanceOf(UsageException.class)
                .hasMessage("--socket: %s, 109 bytes (expected: a path of 1 to 107 bytes)", path);
    }

    @Test
    void refusesEmptyAndUnusablePaths() {
        assertThatThrownBy(() -> SocketPath.parse("--socket", ""))
                .hasMessage("--socket: , 0 bytes (expected: a path of 1 to 107 bytes)");
        assertThatThrownBy(() -> SocketPath.parse("--socket", "a\0b"))
                .hasMessage("--socket: a\\u0000b (expected: a path; Nul character not allowed)");
    }
}
