package io.vfiouser.cli;

import io.vfiouser.cli.failure.CommandException;
import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.SocketPath;
import io.vfiouser.cli.trace.CaptureOptions;
import io.vfiouser.cli.trace.Captures;
import io.vfiouser.cli.types.FilterKinds;
import io.vfiouser.filters.DeviceFilter;
import io.vfiouser.trace.proxy.ProxyOptions;
import io.vfiouser.trace.proxy.VfioUserProxy;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "proxy",
        description = {
            "Stand between a VMM and any vfio-user server: pass messages on, watch them, delay or"
                    + " break them.",
            "",
            "When it listens, one line is printed: ready pid=PID devices=1"
        },
        footer = {
            "Examples:",
            "  vfio-user proxy /run/vm1/watched.sock /run/vm1/nvme.sock --record nvme.pcapng",
            "  vfio-user proxy /run/vm1/watched.sock /run/vm1/nvme.sock --trace",
            "  vfio-user proxy slow.sock fast.sock --filter delay:read=5ms --filter"
                    + " error:write=EIO@1%%,at=BAR2"
        })
final class ProxyCommand implements Callable<Integer> {
    private static final List<String> FILTERS =
            List.of("delay", "error", "log", "rate", "stats", "stuck-bit", "surprise-removal");

    private final PrintWriter out;
    private final PrintWriter err;

    @Parameters(index = "0", paramLabel = "LISTEN", description = "where the VMM connects")
    private String listen = "";

    @Parameters(index = "1", paramLabel = "CONNECT", description = "the server's socket")
    private String connect = "";

    @Option(
            names = "--filter",
            paramLabel = "NAME[:KEY=VALUE,...]",
            description =
                    "Something before the regions of the device: delay, error, log, rate, stats,"
                            + " stuck-bit, surprise-removal. Repeatable, outermost first.")
    private List<String> filters = new ArrayList<>();

    @Option(
            names = "--dialect",
            paramLabel = "NAME",
            description = "What both speak: current, or legacy, that of 2021.")
    private String dialect = DialectOption.DEFAULT;

    @Mixin private CaptureOptions capture = new CaptureOptions();

    ProxyCommand(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() throws InterruptedException {
        Path at = SocketPath.parse("LISTEN", listen);
        Path to = SocketPath.parse("CONNECT", connect);
        ProxyOptions options =
                ProxyOptions.DEFAULTS
                        .withDialect(DialectOption.parse(dialect))
                        .withFilters(filters());
        Captures captures = capture.start(out);
        try {
            if (capture.isAny()) {
                options = options.withTap(captures.tap(String.valueOf(to.getFileName())));
            }
            var proxy = VfioUserProxy.start(at, to, options);
            Runnable work =
                    () -> {
                        proxy.close();
                        captures.close();
                    };
            try (var _ = OrderlyEnd.bySignal(work, Duration.ZERO, err)) {
                out.println("ready pid=%d devices=1".formatted(ProcessHandle.current().pid()));
                out.flush();
                new CountDownLatch(1).await(); // for a signal
            } finally {
                work.run();
            }
        } catch (UncheckedIOException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        } finally {
            captures.close();
        }
        return 0;
    }

    private List<Supplier<DeviceFilter>> filters() {
        FilterKinds kinds = FilterKinds.installed();
        for (String filter : filters) {
            String name = filter.split(":", 2)[0];
            if (kinds.has(name) && !FILTERS.contains(name)) {
                throw new UsageException(
                        "--filter: %s: does not work in a proxy (expected: one of %s)"
                                .formatted(name, String.join(", ", FILTERS)));
            }
        }
        return filters.stream().map(kinds::parse).toList();
    }
}
