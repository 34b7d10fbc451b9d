package io.vfiouser.testkit.hammer;

import io.vfiouser.client.ClientException;
import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.ReplyTimeoutException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/// Strikes a server with random commands: accesses of all kinds, memory, interrupts, migration,
/// resets, clients that come and go.
///
/// Any answer is a good one, also a refusal. A command without an answer, a connection that the
/// server ends, and a server that does not take the next client are not. The registers of the
/// device are written with random values, so nothing that is dear should be behind it.
public final class Hammer {
    private final Path socket;
    private final HammerOptions options;
    private final Random random;
    private final Tally tally = new Tally();
    private final List<Blow.Weighted> blows = new ArrayList<>();
    private final int totalWeight;

    private Hammer(Path socket, HammerOptions options) {
        this.socket = socket;
        this.options = options;
        this.random = new Random(options.seed());
        blows.addAll(RegionBlows.reads());
        blows.addAll(MemoryBlows.all());
        blows.addAll(DeviceBlows.all());
        if (options.writing()) {
            blows.addAll(RegionBlows.writes());
        }
        if (options.hostile()) {
            blows.addAll(HostileBlows.all());
        }
        this.totalWeight = blows.stream().mapToInt(Blow.Weighted::weight).sum();
    }

    /// Hammers until the steps or the time are used up. Waits; not for event loops.
    ///
    /// @param socket of the server, which must have no client
    /// @throws UncheckedIOException if nobody listens there
    /// @throws ClientException if the server refuses even a good client
    /// @throws HammerException if the server breaks
    public static HammerReport run(Path socket, HammerOptions options) {
        return run(socket, options, _ -> {});
    }

    /// The same, and tells how far it is.
    ///
    /// @param progress is given the number of steps done, after each, by the caller's thread
    public static HammerReport run(Path socket, HammerOptions options, LongConsumer progress) {
        return new Hammer(socket, options).run(progress);
    }

    private HammerReport run(LongConsumer progress) {
        ClientOptions client = ClientOptions.defaults().withTimeout(options.timeout());
        var process = ServerProcess.behind(socket, client);
        HammerReport.Holdings before = process.holdings();
        long start = System.nanoTime();
        long end = start + options.duration().toNanos();
        long steps = 0;
        try (var anvil = new Anvil(socket, client)) {
            while (steps < options.steps() && (steps == 0 || System.nanoTime() - end < 0)) {
                strike(anvil, steps++);
                progress.accept(steps);
            }
            strike(anvil, new Blow.Weighted("last client", 1, Hammer::lastClient), steps);
        }
        var took = Duration.ofNanos(System.nanoTime() - start);
        HammerReport.Holdings after = process.settled(before, options.timeout());
        return new HammerReport(
                options.seed(),
                steps,
                took,
                tally.outcomes(),
                tally.slowest(),
                tally.slowestBlow(),
                before,
                after);
    }

    private void strike(Anvil anvil, long step) {
        int at = random.nextInt(totalWeight);
        for (Blow.Weighted blow : blows) {
            at -= blow.weight();
            if (at < 0) {
                strike(anvil, blow, step);
                return;
            }
        }
    }

    private void strike(Anvil anvil, Blow.Weighted blow, long step) {
        tally.begin(blow.name());
        long begin = System.nanoTime();
        try {
            blow.blow().strike(anvil, random, tally);
            tally.done(blow.name(), System.nanoTime() - begin);
        } catch (RemoteErrorException refusal) {
            tally.refused(blow.name(), refusal.errno().name(), System.nanoTime() - begin);
        } catch (ReplyTimeoutException e) {
            throw broken(step, "no answer within " + options.timeout().toMillis() + " ms", e);
        } catch (ClientException | UncheckedIOException e) {
            throw broken(step, String.valueOf(e.getMessage()), e);
        }
    }

    private HammerException broken(long step, String what, Throwable cause) {
        return new HammerException(options.seed(), step, what, tally.last(), cause);
    }

    private static void lastClient(Anvil anvil, Random random, Tally tally) {
        anvil.reconnect();
        anvil.client().info();
    }

    /// Waits for all of them; throws what the first of them failed with that is no refusal, or else
    /// the first refusal.
    static void join(List<CompletableFuture<?>> replies, Duration timeout) {
        RemoteErrorException refusal = null;
        for (CompletableFuture<?> reply : replies) {
            try {
                reply.orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS).join();
            } catch (CompletionException e) {
                if (e.getCause() instanceof RemoteErrorException refused) {
                    refusal = refused;
                } else if (e.getCause() instanceof ClientException broken) {
                    throw broken;
                } else {
                    throw new UncheckedIOException("no answer", new IOException(e));
                }
            }
        }
        if (refusal != null) {
            throw refusal;
        }
    }
}
