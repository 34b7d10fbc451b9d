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

/// `./vfio-user serve` on sockets that its parent left open for it. The parent is a line of Perl,
/// which can do that, and which every Debian has.
@Timeout(180)
final class InheritedSocketProcessTest {
    /// Listens at each path before `--` on descriptors from 3 on, and becomes what stands behind
    /// it.
    private static final String ACTIVATE =
            """
            use Socket; use POSIX ();
            $^F = 99;
            my $fd = 3;
            while ((my $path = shift) ne "--") {
                socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
                bind($s, sockaddr_un($path)) or die;
                listen($s, 5) or die;
                POSIX::dup2(fileno($s), 50 + $fd++);
                push @keep, $s;
            }
            POSIX::dup2(50 + $_, $_) for 3 .. $fd - 1;
            $ENV{LISTEN_PID} = $$;
            $ENV{LISTEN_FDS} = $fd - 3;
            exec @ARGV or die;
            """;

    /// Takes one connection at a path, and becomes the rest of its arguments with it as descriptor
    /// 3.
    private static final String ACCEPT =
            """
            use Socket; use POSIX ();
            $| = 1; $^F = 99;
            socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
            bind($s, sockaddr_un(shift)) or die;
            listen($s, 5) or die;
            print "listening\\n";
            accept(my $c, $s) or die;
            POSIX::dup2(fileno($c), 60);
            POSIX::dup2(60, 3);
            POSIX::close(60);
            exec @ARGV or die;
            """;

    @TempDir Path directory;

    private CommandRun.Running perl(String script, List<String> arguments, String names)
            throws Exception {
        List<String> words = new ArrayList<>(List.of("-e", script));
        words.addAll(arguments);
        return CommandRun.start(
                Path.of("/usr/bin/perl"),
                directory,
                Map.of("LISTEN_FDNAMES", names),
                words.toArray(String[]::new));
    }

    private static void terminate(CommandRun.Running served) throws Exception {
        new ProcessBuilder("kill", String.valueOf(served.process().pid())).start().waitFor();
        CommandRun run = served.await();
        assertThat(run.errors()).isEmpty();
        assertThat(run.status()).isZero();
    }

    @Test
    void takesTheSocketsOfSocketActivationAndLeavesTheirFiles() throws Exception {
        String launcher = CommandRun.LAUNCHER.toString();
        var served =
                perl(ACTIVATE, List.of("a.sock", "b.sock", "--", launcher, "serve", "gpio"), "");
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
                perl(
                        ACTIVATE,
                        List.of(
                                "a.sock",
                                "b.sock",
                                "--",
                                CommandRun.LAUNCHER.toString(),
                                "serve",
                                "testdev",
                                "--socket",
                                "fd=second"),
                        "first:second");
        assertThat(served.line()).startsWith("ready ").endsWith(" devices=1");
        try (var client = VfioUserClient.connect(directory.resolve("b.sock"))) {
            assertThat(client.configSpace().read16(0)).isEqualTo(0x1af4);
        }
        terminate(served);
    }

    @Test
    void servesTheClientOfAConnectedSocketAndEndsWithIt() throws Exception {
        String launcher = CommandRun.LAUNCHER.toString();
        var served =
                perl(ACCEPT, List.of("c.sock", launcher, "serve", "gpio", "--socket", "fd=3"), "");
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
