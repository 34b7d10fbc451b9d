package io.vfiouser.it.handover;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.it.guest.ServedProcess;
import io.vfiouser.it.support.JavaCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Two processes, one of which gets SIGKILL at the worst moment: the devices have stopped in the
/// old one and do not run yet in the new one.
@Timeout(120)
final class HandoverProcessTest {
    private static final Duration START = Duration.ofSeconds(50);

    @TempDir Path directory;

    @Test
    void theOldProcessGoesOnWhenTheNewOneIsKilled() throws Exception {
        try (ServedProcess old = serve();
                var client = client()) {
            Process killed = takeOver();
            try (BufferedReader said = killed.inputReader()) {
                assertThat(said.readLine()).isEqualTo("loading");
                killed.toHandle().destroyForcibly();
                assertServed(client);
            }

            Process next = takeOver();
            try (BufferedReader said = next.inputReader()) {
                assertThat(said.readLine()).isEqualTo("loading");
                goOn(next);
                assertThat(said.readLine()).isEqualTo("took over");
                old.awaitEnd();
                assertServed(client);
            } finally {
                next.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void theNewProcessGivesUpWhenTheOldOneIsKilled() throws Exception {
        try (ServedProcess old = serve();
                var client = client()) {
            Process next = takeOver();
            try (BufferedReader said = next.inputReader()) {
                assertThat(said.readLine()).isEqualTo("loading");
                old.kill();
                old.awaitEnd();
                goOn(next);
                assertThat(said.readLine()).startsWith("gave up: the other process");
                assertThat(next.waitFor(20, TimeUnit.SECONDS)).isTrue();
                assertThat(next.exitValue()).isZero();
                client.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
            } finally {
                next.destroyForcibly().waitFor();
            }
        }
    }

    private VfioUserClient client() {
        var client = VfioUserClient.connect(directory.resolve("device"));
        client.region(0).write32(0x40, 0xabcd);
        return client;
    }

    private static void assertServed(VfioUserClient client) {
        assertThat(client.region(0).read32(0x40)).isEqualTo(0xabcd);
        client.region(0).write32(0x44, 1);
        assertThat(client.region(0).read32(0x44)).isEqualTo(1);
    }

    private static void goOn(Process process) throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    private ServedProcess serve() throws IOException, InterruptedException {
        return ServedProcess.start(
                JavaCommand.of(
                        "io.vfiouser.cli.Main",
                        "serve",
                        "testdev",
                        "--socket",
                        directory.resolve("device").toString(),
                        "--handover",
                        handover()),
                START);
    }

    private Process takeOver() throws IOException {
        return new ProcessBuilder(JavaCommand.of(TakeoverProcess.class.getName(), handover()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private String handover() {
        return directory.resolve("handover").toString();
    }
}
