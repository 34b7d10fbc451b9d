package io.vfiouser.cli;

import io.vfiouser.cli.bench.BenchJson;
import io.vfiouser.cli.bench.BenchPlan;
import io.vfiouser.cli.bench.BenchReport;
import io.vfiouser.cli.bench.BenchText;
import io.vfiouser.cli.bench.Workload;
import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.ByteSize;
import io.vfiouser.cli.text.Durations;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.nvme.CompletionMode;
import io.vfiouser.nvme.DoorbellPath;
import io.vfiouser.nvme.NvmeOptions;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "bench",
        description = {
            "Load the controller and print IOPS, throughput, latencies and processor time.",
            "",
            "Bind the two sides to a core each for figures that can be compared. Each queue has a"
                    + " thread here."
        },
        footer = {
            "Examples:",
            "  vfio-user nvme /run/vm1/nvme.sock bench --workload randread --seconds 10",
            "  taskset -c 0 vfio-user nvme /run/vm1/nvme.sock bench --workload write --size 128K"
                    + " --seconds 10 --overwrite"
        })
final class NvmeBenchCommand implements Runnable {
    private static final int MAX_DEPTH = 4095;
    private static final int MAX_QUEUES = 64;
    private static final int MAX_SIZE = 2 << 20;
    private static final int MAX_RUNS = 100_000;

    private final PrintWriter out;

    @ParentCommand private @Nullable NvmeCommand nvme;

    @Option(
            names = "--workload",
            paramLabel = "NAME",
            description =
                    "randread, randwrite, read, write, or mixed (random, 7 of 10 are reads);"
                            + " randread unless given.")
    private String workload = "randread";

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            description = "Bytes of a command; 4K unless given.")
    private String size = "4K";

    @Option(
            names = "--depth",
            paramLabel = "N",
            description = "Commands in flight in each queue; 32 unless given.")
    private int depth = 32;

    @Option(names = "--queues", paramLabel = "N", description = "I/O queues; 1 unless given.")
    private int queues = 1;

    @Option(
            names = "--mode",
            paramLabel = "polled|interrupt",
            description = "How completions are noticed; polled unless given.")
    private String mode = "polled";

    @Option(
            names = "--doorbells",
            paramLabel = "any|mapped|posted",
            description =
                    "How doorbells are rung: through the mapping, by messages, or as the server"
                            + " allows, which is the default.")
    private String doorbells = "any";

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "How long to measure; 5 unless given.")
    private int seconds = 5;

    @Option(
            names = "--warmup",
            paramLabel = "TIME",
            description = "How long to run before that; 3s unless given.")
    private String warmup = "3s";

    @Option(
            names = "--runs",
            paramLabel = "N",
            description =
                    "Measure so many times, one after the other, and print each; 1 unless given."
                            + " Only the first one warms up and fills.")
    private int runs = 1;

    @Option(names = "--namespace", paramLabel = "ID", description = "1 unless given.")
    private int namespace = 1;

    @Option(
            names = "--overwrite",
            description = "Agree that what the namespace holds is destroyed; needed to write.")
    private boolean overwrite;

    @Option(
            names = "--fill",
            description =
                    "Write the whole namespace first, so that reads find blocks that exist; needs"
                            + " --overwrite.")
    private boolean fill;

    @Mixin private JsonOption json = new JsonOption();

    NvmeBenchCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void run() {
        BenchPlan plan = plan();
        if (!overwrite && (plan.fill() || plan.workload().writes())) {
            throw new UsageException(
                    "--overwrite: missing (expected: --overwrite, for %s destroys what namespace"
                                    .formatted(fill ? "--fill" : workload)
                            + " %d holds)".formatted(namespace));
        }
        var options =
                NvmeOptions.defaults()
                        .withMemorySize(plan.memorySize())
                        .withQueueEntries(plan.queueEntries())
                        .withMaxTransfer(plan.maxTransfer())
                        .withDoorbells(choice("--doorbells", doorbells, DoorbellPath.values()));
        if (nvme != null) {
            nvme.bench(plan, (int) number("--runs", runs, 1, MAX_RUNS), options, this::print);
        }
    }

    private BenchPlan plan() {
        return new BenchPlan(
                namespace,
                choice("--workload", workload, Workload.values()),
                (int) number("--size", bytes(), 512, MAX_SIZE),
                (int) number("--depth", depth, 1, MAX_DEPTH),
                (int) number("--queues", queues, 1, MAX_QUEUES),
                choice("--mode", mode, CompletionMode.values()),
                fill,
                warmup(),
                Duration.ofSeconds(number("--seconds", seconds, 1, 86_400)));
    }

    private void print(BenchReport report) {
        if (json.isAsked()) {
            out.println(BenchJson.line(report));
        } else {
            BenchText.lines(report).forEach(out::println);
        }
        out.flush();
    }

    private long bytes() {
        return ByteSize.parse(size.toUpperCase(Locale.ROOT))
                .orElseThrow(() ->
                        new UsageException(
                                "--size: %s (expected: a size, for example 4K)"
                                        .formatted(Quoted.of(size))));
    }

    private Duration warmup() {
        return Durations.parse(warmup)
                .orElseThrow(() ->
                        new UsageException(
                                "--warmup: %s (expected: a time, for example 3s)"
                                        .formatted(Quoted.of(warmup))));
    }

    private static long number(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw new UsageException(
                    "%s: %d (expected: %d to %d)".formatted(option, value, least, most));
        }
        return value;
    }

    private static <E extends Enum<E>> E choice(String option, String text, E[] values) {
        Optional<E> chosen =
                Arrays.stream(values).filter(value -> name(value).equals(text)).findFirst();
        return chosen.orElseThrow(() ->
                new UsageException(
                        "%s: %s (expected: %s)"
                                .formatted(
                                        option,
                                        Quoted.of(text),
                                        Arrays.stream(values)
                                                .map(NvmeBenchCommand::name)
                                                .collect(Collectors.joining(", ")))));
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
