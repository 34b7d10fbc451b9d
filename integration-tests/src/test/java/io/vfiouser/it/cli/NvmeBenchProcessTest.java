package io.vfiouser.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.it.guest.ServedProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `./vfio-user nvme PATH bench` against a server in a process of its own: what it says it has done
/// is what the controller has counted.
@Timeout(180)
final class NvmeBenchProcessTest {
    private static final int DISK = 8 << 20;
    private static final int LARGEST_COMMAND = 128 << 10;

    @TempDir Path directory;
    private String socket = "";

    @BeforeEach
    void nameSocket() {
        socket = directory.resolve("nvme.sock").toString();
    }

    @ParameterizedTest
    @CsvSource({
        "randread, 4k, 32, 1, polled, mapped",
        "mixed, 4k, 8, 2, interrupt, mapped",
        "write, 128K, 4, 1, polled, posted",
        "randwrite, 512, 1, 1, interrupt, posted"
    })
    void countsWhatTheControllerCounts(
            String workload, String size, int depth, int queues, String mode, String doorbells)
            throws Exception {
        try (var server =
                serve("doorbells=" + (doorbells.equals("mapped") ? "mapped" : "trapped"))) {
            List<String> bench =
                    run(
                            "bench",
                            "--fill",
                            "--overwrite",
                            "--json",
                            "--seconds=1",
                            "--warmup=100ms",
                            "--workload=" + workload,
                            "--size=" + size,
                            "--depth=" + depth,
                            "--queues=" + queues,
                            "--mode=" + mode);

            assertThat(bench).hasSize(1);
            String json = bench.getFirst();
            List<String> smart = run("smart");
            long reads = number(json, "reads");
            long writes = number(json, "writes");
            assertThat(smart)
                    .contains(
                            "host reads          " + reads,
                            "host writes         " + writes,
                            "media errors        0");
            long commands = number(json, "commands");
            long filling = DISK / LARGEST_COMMAND;
            assertThat(commands).isPositive().isLessThan(reads + writes - filling);
            assertThat(number(json, "serverPid")).isEqualTo(server.ready().pid());
            assertThat(json)
                    .contains(
                            "\"workload\":\"" + workload + "\"",
                            "\"doorbells\":\"" + doorbells + "\"");
            assertThat(decimal(json, "iops")).isBetween(0.2 * commands, 1.1 * commands);
            assertThat(decimal(json, "p50")).isBetween(1.0, decimal(json, "max"));
        }
    }

    @Test
    void writesOnlyWhereThatIsAgreedTo() throws Exception {
        try (var server = serve("doorbells=mapped")) {
            assertThat(server.ready().devices()).isEqualTo(1);
            CommandRun refused = vfioUser("bench", "--workload=randwrite");
            assertThat(refused.status()).isEqualTo(2);
            assertThat(refused.output()).isEmpty();
            assertThat(refused.errors())
                    .containsExactly(
                            "vfio-user: --overwrite: missing (expected: --overwrite, for randwrite"
                                    + " destroys what namespace 1 holds)");
            assertThat(run("smart")).contains("host writes         0");
        }
    }

    @Test
    void tellsPeople() throws Exception {
        try (var server = serve("doorbells=mapped")) {
            List<String> text =
                    run("bench", "--seconds=1", "--warmup=100ms", "--depth=2", "--runs=2");
            assertThat(text).hasSize(14);
            assertThat(text.subList(7, 14))
                    .satisfiesExactly(
                            line ->
                                    assertThat(line)
                                            .isEqualTo(
                                                    "randread 4K, depth 2, 1 queue, polled,"
                                                            + " doorbells mapped, 1s"),
                            line -> assertThat(line).matches("IOPS +[1-9]\\d*"),
                            line -> assertThat(line).matches("throughput +[1-9][\\d.]* MB/s"),
                            line -> assertThat(line).startsWith("latency       mean "),
                            line -> assertThat(line).endsWith("(pid " + server.ready().pid() + ")"),
                            line -> assertThat(line).startsWith("heap "),
                            line -> assertThat(line).endsWith(" 0 writes in all"));
        }
    }

    private ServedProcess serve(String setting) throws Exception {
        return ServedProcess.start(
                List.of(
                        CommandRun.LAUNCHER.toString(),
                        "serve",
                        "nvme",
                        "--socket",
                        socket,
                        "--set",
                        "size=" + DISK,
                        "--set",
                        setting),
                Duration.ofSeconds(50));
    }

    private List<String> run(String... arguments) throws Exception {
        CommandRun run = vfioUser(arguments);
        assertThat(run.errors()).isEmpty();
        assertThat(run.status()).isZero();
        return run.output();
    }

    private CommandRun vfioUser(String... arguments) throws Exception {
        List<String> words = new ArrayList<>(List.of("nvme", socket));
        words.addAll(Arrays.asList(arguments));
        return CommandRun.vfioUser(words.toArray(String[]::new));
    }

    private static long number(String json, String name) {
        return (long) decimal(json, name);
    }

    private static double decimal(String json, String name) {
        Matcher matcher = Pattern.compile("\"" + name + "\":([-+.eE\\d]+)[,}]").matcher(json);
        assertThat(matcher.find()).as(name + " in " + json).isTrue();
        return Double.parseDouble(matcher.group(1));
    }
}
