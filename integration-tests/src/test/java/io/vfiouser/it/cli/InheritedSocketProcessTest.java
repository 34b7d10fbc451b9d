package io.vfiouser.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.VfioUserClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `./vfio-user serve` on sockets that its parent left open for it. That is a [SocketGiver].
@Timeout(180)
final class InheritedSocketProcessTest {
    @TempDir Path directory;

    /// Runs `vfio-user serve` with sockets from 3 on.
    ///
    /// @param mode `listen` or `accept`
    /// @param names what `LISTEN_FDNAMES` says
    private CommandRun.Running serve(
            String mode, List<String> paths, String names, String... arguments) throws Exception {
        List<String> serve = new ArrayList<>(List.of(CommandRun.LAUNCHER.toString(), "serve"));
        serve.addAll(List.of(arguments));
        List<String> words = SocketGiver.command(mode, paths, serve);
        return CommandRun.start(
                Path.of(words.getFirst()),
                directory,
                Map.of("LISTEN_FDNAMES", names),
                words.subList(1, words.size()).toArray(String[]::new));
    }

    private static void terminate(CommandRun.Running served) throws Exception {
        new ProcessBuilder("kill", String.valueOf(served.process().pid())).start().waitFor();
        CommandRun run = served.await();
        assertThat(run.errors()).isEmpty();
        assertThat(run.status()).isZero();
    }

    @Test
    void takesTheSocketsOfSocketActivationAndLeavesTheirFiles() throws Exception {
        var served = serve("listen", List.of("a.sock", "b.sock"), "", "gpio");
        assertThat(served.line()).startsWith("ready ").endsWith(" devices=2");
        for (String name : List.of("a.sock", "b.sock")) {
            try (var client = VfioUserClient.connect(directory.resolve(name))) {
                assertThat(client.configSpace().read16(0)).isEqualTo(0x494f);
            }
        }
        terminate(served);
        assertThat(directory.resolve("a.sock")).exists();
    }

    @Test
    void knowsThemByName() throws Exception {
        var served =
                serve(
                        "listen",
                        List.of("a.sock", "b.sock"),
                        "first:second",
                        "testdev",
                        "--socket",
                        "fd=second");
        assertThat(served.line()).startsWith("ready ").endsWith(" devices=1");
        try (var client = VfioUserClient.connect(directory.resolve("b.sock"))) {
            assertThat(client.configSpace().read16(0)).isEqualTo(0x1af4);
        }
        terminate(served);
    }

    @Test
    void servesTheClientOfAConnectedSocketAndEndsWithIt() throws Exception {
        var served = serve("accept", List.of("c.sock"), "", "gpio", "--socket", "fd=3");
        assertThat(served.line()).isEqualTo("listening");
        var connecting =
                VfioUserClient.connectAsync(
                                directory.resolve("c.sock"),
                                ClientOptions.defaults().withTimeout(Duration.ofSeconds(60)))
                        .toCompletableFuture();
        assertThat(served.line()).startsWith("ready ").endsWith(" devices=1");
        try (var client = connecting.get(30, TimeUnit.SECONDS)) {
            client.write(2, 0, 1, 0x5a);
            assertThat(client.read(2, 1, 1)).isEqualTo(0x5a);
        }
        CommandRun run = served.await();
        assertThat(run.errors()).isEmpty();
        assertThat(run.status()).isZero();
    }

    @Test
    void saysWhatElseADescriptorIs() throws Exception {
        CommandRun run = CommandRun.vfioUser("serve", "gpio", "--socket", "fd=0");
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.errors().getFirst())
                .contains(
                        "socket: fd: 0: a character device (expected: a UNIX stream socket that"
                                + " listens or is connected)");
    }
}
