package io.vfiouser.testkit.conformance;

import io.netty.channel.EventLoopGroup;
import io.vfiouser.transport.EventLoops;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Asks a server everything that the specification says about servers.
///
/// ```java
/// try (var suite = ConformanceSuite.connect(socket, ConformanceOptions.defaults())) {
///     System.out.print(suite.runAll().text());
/// }
/// ```
///
/// The server must take clients one after the other; while a check runs, no other client should be
/// there. Each check has a connection of its own, so a server that gets out of step in one is
/// examined further. Some checks need a region to write to or memory that the device reads; these
/// apply to the device `testdev` only. Not for use by several threads at a time.
public final class ConformanceSuite implements AutoCloseable {
    private final ConformanceOptions options;
    private final EventLoopGroup loops;
    private final Endpoint endpoint;

    private ConformanceSuite(Path socket, ConformanceOptions options) {
        this.options = options;
        this.loops = EventLoops.of(1).named("conformance").daemon(true).start();
        this.endpoint = new Endpoint(socket, options.timeout(), options.dialect(), loops);
    }

    /// Connects to a server and asks what it serves.
    ///
    /// @throws java.io.UncheckedIOException if nobody listens there
    /// @throws io.vfiouser.client.ClientException if the server breaks the protocol already here
    /// @throws IllegalStateException if it does not answer as a server does
    public static ConformanceSuite connect(Path socket, ConformanceOptions options) {
        var suite = new ConformanceSuite(socket, options);
        try {
            suite.endpoint.examine();
            return suite;
        } catch (Difference difference) {
            suite.close();
            throw new IllegalStateException(
                    socket
                            + ": "
                            + difference.seen()
                            + " (expected: "
                            + difference.expected()
                            + ")",
                    difference);
        } catch (RuntimeException e) {
            suite.close();
            throw e;
        } finally {
            suite.endpoint.close();
        }
    }

    /// All checks, those of refused messages first.
    public List<ConformanceCheck> checks() {
        return switch (options.dialect()) {
            case CURRENT -> currentChecks();
            case LEGACY ->
                    Stream.of(LegacyChecks.checks(), LegacyMigrationChecks.checks())
                            .flatMap(List::stream)
                            .toList();
        };
    }

    private List<ConformanceCheck> currentChecks() {
        return Stream.of(
                        NegotiationChecks.checks(),
                        NegotiationTextChecks.checks(),
                        HeaderChecks.checks(),
                        PayloadLengthChecks.checks(),
                        UnknownCommandChecks.checks(),
                        DeviceInfoChecks.checks(),
                        RegionInfoChecks.checks(),
                        RegionIoFdsChecks.checks(),
                        IrqInfoChecks.checks(),
                        SetIrqsRefusalChecks.checks(),
                        SetIrqsChecks.checks(),
                        RegionAccessChecks.checks(),
                        WriteMultiChecks.checks(),
                        DmaMapChecks.checks(),
                        DmaUnmapChecks.checks(),
                        DmaAccessChecks.checks(),
                        DmaMessageChecks.checks(),
                        ResetChecks.checks(),
                        FeatureChecks.checks(),
                        MigrationChecks.checks(),
                        DirtyLogChecks.checks(),
                        OrderChecks.checks(),
                        NoReplyChecks.checks(),
                        FragmentChecks.checks(),
                        DescriptorChecks.checks(),
                        DisconnectChecks.checks(),
                        RandomChecks.checks(options.seed()))
                .flatMap(List::stream)
                .toList();
    }

    /// Runs one check on a new connection.
    public ConformanceResult run(ConformanceCheck check) {
        try {
            attempt(check, check.body());
            return new ConformanceResult.Passed();
        } catch (NotApplicableException e) {
            return new ConformanceResult.NotApplicable(e.reason());
        } catch (Difference difference) {
            return new ConformanceResult.Differs(
                    difference.expected(), difference.seen(), isAsReference(check));
        } catch (RuntimeException e) {
            return new ConformanceResult.Differs(check.specification(), e.toString(), false);
        }
    }

    /// Runs all checks.
    public ConformanceReport runAll() {
        return runAll((_, _) -> {});
    }

    /// Runs all checks and tells of each as soon as it is done.
    public ConformanceReport runAll(BiConsumer<ConformanceCheck, ConformanceResult> progress) {
        long start = System.nanoTime();
        Map<ConformanceCheck, ConformanceResult> results = new LinkedHashMap<>();
        for (ConformanceCheck check : checks()) {
            ConformanceResult result = run(check);
            results.put(check, result);
            progress.accept(check, result);
        }
        return new ConformanceReport(
                endpoint.socket().toString(),
                endpoint.target().describe(),
                options.seed(),
                Duration.ofNanos(System.nanoTime() - start),
                new ArrayList<>(results.entrySet()));
    }

    /// Closes what is open.
    @Override
    public void close() {
        endpoint.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private boolean isAsReference(ConformanceCheck check) {
        if (check.referenceBody().isEmpty()) {
            return false;
        }
        try {
            attempt(check, check.referenceBody().get());
            return true;
        } catch (RuntimeException _) {
            // Neither the one nor the other; the difference is reported already.
            return false;
        }
    }

    private void attempt(ConformanceCheck check, Consumer<Peer> body) {
        try (endpoint) {
            body.accept(check.negotiated() ? endpoint.negotiate() : endpoint.connect());
        }
    }
}
