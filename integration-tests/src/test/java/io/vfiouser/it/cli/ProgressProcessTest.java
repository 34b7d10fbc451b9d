package io.vfiouser.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.options.ServerOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Long commands show how far they are, to people only.
@Timeout(180)
final class ProgressProcessTest {
    private static final Path SCRIPT = Path.of("/usr/bin/script");

    @TempDir Path directory;
    private final VfioUserServer server = VfioUserServer.start(ServerOptions.defaults());

    @BeforeEach
    void serve() {
        assertThat(SCRIPT).as("script of util-linux").isExecutable();
        server.serve("testdev", new TestDevice(), socket());
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void aBarMovesOnATerminalAndIsGoneAtTheEnd() throws Exception {
        String shown = onTerminal("xterm");

        assertThat(shown).contains("hammer   0% [").contains("hammer 100% [");
        String lastLineOfTheBar = shown.substring(shown.lastIndexOf("hammer 100%"));
        assertThat(lastLineOfTheBar).containsPattern("\r +\r");
    }

    @Test
    void aTerminalThatCannotGoBackGetsNone() throws Exception {
        assertThat(onTerminal("dumb")).doesNotContain("hammer   0%").contains("blows");
    }

    @Test
    void aFileGetsNone() throws Exception {
        CommandRun run = CommandRun.vfioUser("hammer", "--for", "1s", socket().toString());

        assertThat(run.status()).isZero();
        assertThat(run.errors()).isEmpty();
        assertThat(String.join("\n", run.output())).doesNotContain("%");
    }

    private Path socket() {
        return directory.resolve("s");
    }

    private String onTerminal(String terminal) throws Exception {
        Path log = directory.resolve(terminal + ".txt");
        CommandRun.of(
                SCRIPT,
                Path.of("."),
                Map.of("TERM", terminal),
                "-q",
                "-c",
                "'%s' hammer --for 1s '%s'".formatted(CommandRun.LAUNCHER, socket()),
                log.toString());
        return Files.readString(log);
    }
}
