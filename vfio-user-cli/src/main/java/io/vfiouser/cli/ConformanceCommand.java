package io.vfiouser.cli;

import io.vfiouser.cli.failure.CommandException;
import io.vfiouser.cli.text.Progress;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.testkit.conformance.ConformanceOptions;
import io.vfiouser.testkit.conformance.ConformanceReport;
import io.vfiouser.testkit.conformance.ConformanceSuite;
import java.io.PrintWriter;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "conformance",
        description = {
            "Check in what a server differs from the specification, and from the C library.",
            "",
            "Any vfio-user server will do. It must take one client after the other and have none"
                    + " now. Registers and DMA engine of the device testdev allow the most checks."
        },
        footer = {
            "Examples:",
            "  vfio-user conformance /run/vm1/gpio.sock",
            "  vfio-user conformance --all --timeout 10s /var/tmp/spdk/cntrl",
            "",
            "It ends with 1 if the server differs from the specification anywhere."
        })
final class ConformanceCommand implements Runnable {
    private final PrintWriter out;

    @Parameters(paramLabel = "PATH", description = "the server's socket")
    private String socket = "";

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "How long each answer may take; 2s unless given.")
    private String timeout = "2s";

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Where the random sequences start; the report names it.")
    private String seed = "0x5eed";

    @Option(
            names = "--dialect",
            paramLabel = "NAME",
            description = "What the server speaks: current, or legacy, that of 2021.")
    private String dialect = DialectOption.DEFAULT;

    @Option(names = "--all", description = "List the checks that passed or do not apply, too.")
    private boolean all;

    @Mixin private JsonOption json = new JsonOption();

    ConformanceCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void run() {
        ServerAt server = ServerAt.parse(socket, timeout);
        var options =
                new ConformanceOptions(
                        server.timeout(),
                        Numbers.decode("--seed", seed),
                        DialectOption.parse(dialect));
        ConformanceReport report = server.talk(() -> check(server, options));
        out.print(
                json.isAsked()
                        ? ConformanceJson.text(report, all) + System.lineSeparator()
                        : report.text(all));
        out.flush();
        if (report.differing() > 0) {
            throw new CommandException(
                    "%s: %d checks differ (expected: none)"
                            .formatted(Quoted.path(socket), report.differing()));
        }
    }

    private static ConformanceReport check(ServerAt server, ConformanceOptions options) {
        try (var suite = ConformanceSuite.connect(server.path(), options)) {
            int checks = suite.checks().size();
            try (var progress = Progress.of("conformance", checks, " checks")) {
                var done = new AtomicInteger();
                return suite.runAll((_, _) -> progress.at(done.incrementAndGet()));
            }
        } catch (IllegalStateException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }
}
