package io.vfiouser.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Colours are for people: on a terminal, unless they ask for none (`NO_COLOR`).
@Timeout(180)
final class ColoursProcessTest {
    /// What begins a sequence that sets colours or weights.
    private static final String ESCAPE = "\u001b[";

    /// Runs a command with a terminal of its own, of util-linux.
    private static final Path SCRIPT = Path.of("/usr/bin/script");

    @BeforeEach
    void requireScript() {
        assertThat(SCRIPT).as("script of util-linux").isExecutable();
    }

    @Test
    void aTerminalGetsColours() throws Exception {
        assertThat(onTerminal("unset NO_COLOR CLICOLOR")).contains(ESCAPE);
    }

    @Test
    void noColorIsRespected() throws Exception {
        assertThat(onTerminal("export NO_COLOR=1")).doesNotContain(ESCAPE);
    }

    @Test
    void aPipeGetsNone() throws Exception {
        CommandRun run = CommandRun.vfioUser("doctor");
        assertThat(String.join("\n", run.output())).isNotEmpty().doesNotContain(ESCAPE);
        assertThat(String.join("\n", CommandRun.vfioUser("--help").output()))
                .contains("Usage:")
                .doesNotContain(ESCAPE);
    }

    /// What `doctor` and the help print on a terminal.
    ///
    /// @param preparation for the shell that runs them
    private static String onTerminal(String preparation) throws Exception {
        Path log = Files.createTempFile("vfio-user-terminal", ".txt");
        try {
            String launcher = CommandRun.LAUNCHER.toString();
            CommandRun.of(
                    SCRIPT,
                    Path.of("."),
                    Map.of("TERM", "xterm"),
                    "-q",
                    "-c",
                    "%s; '%s' doctor; '%s' --help".formatted(preparation, launcher, launcher),
                    log.toString());
            String text = Files.readString(log);
            assertThat(text).contains("Usage:");
            return text;
        } finally {
            Files.delete(log);
        }
    }
}
