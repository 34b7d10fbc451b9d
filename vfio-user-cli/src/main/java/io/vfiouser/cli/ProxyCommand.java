package io.vfiouser.cli;

import io.vfiouser.cli.failure.CommandException;
import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.IntRange;
import io.vfiouser.cli.text.SocketPath;
import io.vfiouser.cli.trace.CaptureOptions;
import io.vfiouser.cli.trace.Captures;
import io.vfiouser.cli.types.FilterKinds;
import io.vfiouser.cli.types.KnownNames;
import io.vfiouser.trace.RegisterNames;
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
import org.jspecify.annotations.Nullable;
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
            "  vfio-user proxy /run/vm1/watched.sock /run/vm1/gpio.sock --trace --names gpio",
            "  vfio-user proxy slow.sock fast.sock --filter delay:read=5ms --filter"
                    + " error:write=EIO@1%%,at=BAR2"
        })
final class ProxyCommand implements Callable<Integer> {
    private static final IntRange MAX_CLIENTS = new IntRange(1, ProxyOptions.MOST_CLIENTS);

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
                    "Something around the device: log, stats, delays, faults; 'vfio-user devices'"
                            + " lists them. Repeatable, outermost first.")
    private List<String> filters = new ArrayList<>();

    @Option(
            names = "--dialect",
            paramLabel = "NAME",
            description = "What both speak: current, or legacy, that of 2021.")
    private String dialect = DialectOption.DEFAULT;

    @Option(
            names = "--names",
            paramLabel = "TYPE|FILE",
            description =
                    "What the registers are called: as those of a device type, or as in a"
                            + " recording.")
    private @Nullable String names;

    @Option(
            names = "--dma-by-messages",
            description =
                    "Keep the files of client memory back, so that the server reaches for it by"
                            + " messages, which are seen and filtered; not every server can.")
    private boolean dmaByMessages;

    @Option(
            names = "--max-clients",
            paramLabel = "N",
            description = "How many may be connected at once; 64 unless given.")
    private @Nullable String maxClients;

    @Mixin private CaptureOptions capture = new CaptureOptions();

    ProxyCommand(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() throws InterruptedException {
        Path at = SocketPath.parse("LISTEN", listen);
        Path to = SocketPath.parse("CONNECT", connect);
        RegisterNames registerNames =
                names == null ? RegisterNames.CONFIG_ONLY : KnownNames.find("--names", names);
        int most =
                maxClients == null
                        ? ProxyOptions.DEFAULTS.maxClients()
                        : MAX_CLIENTS.parse("--max-clients", maxClients);
        ProxyOptions options =
                ProxyOptions.DEFAULTS
                        .withMaxClients(most)
                        .withDialect(DialectOption.parse(dialect))
                        .withNames(registerNames)
                        .withDmaByMessages(dmaByMessages)
                        .withFilters(filters.stream().map(FilterKinds.installed()::parse).toList());
        Captures captures = capture.start(out);
        try {
            if (capture.isAny()) {
                options =
                        options.withTap(
                                captures.tap(String.valueOf(to.getFileName()), registerNames));
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
        } catch (IllegalArgumentException e) {
            throw new UsageException("--filter: " + e.getMessage(), e);
        } catch (UncheckedIOException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        } finally {
            captures.close();
        }
        return 0;
    }
}
