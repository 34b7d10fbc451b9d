package io.vfiouser.nbd;

import io.netty.channel.EventLoop;
import io.vfiouser.devices.block.BlockRequest;
import io.vfiouser.devices.block.BlockStatus;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Distributes commands over connections, keeps those that have none, and gives them up in time. On
/// the loop.
final class NbdMultiplexer {
    private static final Logger LOG = LoggerFactory.getLogger(NbdMultiplexer.class);
    private static final long LONGEST_TICK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long SHORTEST_TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final NbdSettings settings;
    private final NbdUri uri;
    private final Optional<NbdTls> tls;
    private final EventLoop loop;
    private final Listener listener;
    private final CompletableFuture<NbdExport> opened = new CompletableFuture<>();
    private final List<NbdLink> links = new ArrayList<>();
    private final NbdPool pool = new NbdPool();
    private final ArrayDeque<NbdCommand> waiting = new ArrayDeque<>();
    private @Nullable NbdExport export;
    private @Nullable NbdPlan plan;
    private boolean down;
    private boolean gaveUp;
    private long downSinceNanos;
    private boolean ticking;
    private boolean pumping;
    private boolean closed;

    NbdMultiplexer(NbdSettings settings, NbdUri uri, EventLoop loop, Listener listener) {
        this.settings = settings;
        this.uri = uri;
        this.tls = NbdTls.of(uri);
        this.loop = loop;
        this.listener = listener;
    }

    /// Makes the first connection; fails if that cannot be done.
    CompletableFuture<NbdExport> open() {
        loop.execute(this::addLink);
        return opened;
    }

    /// Takes a request that was checked.
    void submit(BlockRequest request) {
        NbdPlan commands = plan;
        if (closed || commands == null) {
            request.complete(BlockStatus.CANCELLED);
            return;
        }
        commands.plan(request, System.nanoTime(), waiting);
    }

    /// Sends what can be sent.
    void pump() {
        if (pumping) {
            return;
        }
        pumping = true;
        try {
            sendWaiting();
        } finally {
            pumping = false;
        }
        links.forEach(NbdLink::flush);
        tickLater();
    }

    /// Takes a command that ended, which nobody may use any more.
    void ended(NbdCommand command, BlockStatus status) {
        NbdTransfer transfer = command.transfer();
        pool.give(command);
        if (!transfer.commandEnded(status)) {
            return;
        }
        NbdPlan commands = plan;
        if (!closed && commands != null && transfer.takeFlushAfter()) {
            waiting.add(commands.flush(transfer));
            pump();
        } else {
            pool.complete(transfer);
        }
    }

    /// Whether an export that a new connection found is still the one that is in use.
    boolean accepts(NbdExport found) {
        return export == null || found.canReplace(export);
    }

    void linkReady(NbdLink link, NbdExport found) {
        down = false;
        gaveUp = false;
        NbdExport before = export;
        if (before == null) {
            export = found;
            plan = new NbdPlan(found, pool);
            opened.complete(found);
        } else if (before.size() != found.size()) {
            export = found;
            plan = new NbdPlan(found, pool);
            listener.resized(found.size());
        }
        if (found.has(NbdWire.CAN_MULTI_CONN)) {
            while (links.size() < settings.connections()) {
                addLink();
            }
        } else {
            closeAllBut(link);
        }
        pump();
    }

    /// A flush covers what was written on its own connection only, unless the server says
    /// otherwise; one that came back may say so no longer.
    private void closeAllBut(NbdLink link) {
        for (NbdLink other : List.copyOf(links)) {
            if (!other.equals(link)) {
                links.remove(other);
                other.close().reversed().forEach(waiting::addFirst);
            }
        }
    }

    void linkLost(NbdLink link, List<NbdCommand> unanswered, String reason) {
        if (export == null) {
            opened.completeExceptionally(new NbdFaultException(reason));
            closed = true;
            link.close();
            return;
        }
        long now = System.nanoTime();
        if (!down && !anyReady()) {
            down = true;
            downSinceNanos = now;
        }
        for (NbdCommand command : unanswered.reversed()) {
            if (isOver(command, now)) {
                ended(command, BlockStatus.MEDIA_ERROR);
            } else {
                waiting.addFirst(command);
            }
        }
        pump();
    }

    void close() {
        closed = true;
        List<NbdCommand> left = new ArrayList<>(waiting);
        waiting.clear();
        links.forEach(link -> left.addAll(link.close()));
        left.forEach(command -> ended(command, BlockStatus.CANCELLED));
    }

    private void addLink() {
        if (closed) {
            opened.completeExceptionally(new NbdFaultException("closed"));
            return;
        }
        var link = new NbdLink(this, loop, uri, tls, settings.timeout());
        links.add(link);
        link.connect();
    }

    private void sendWaiting() {
        while (!waiting.isEmpty()) {
            NbdLink best = null;
            for (NbdLink link : links) {
                if (link.canSend() && (best == null || link.inFlight() < best.inFlight())) {
                    best = link;
                }
            }
            if (best == null) {
                break;
            }
            best.send(waiting.remove());
        }
        if (!waiting.isEmpty() && isDownTooLong(System.nanoTime())) {
            giveUp();
        }
    }

    private void tickLater() {
        if (!ticking && !closed && isBusy()) {
            ticking = true;
            Duration shortest =
                    settings.timeout().compareTo(settings.reconnect()) < 0
                            ? settings.timeout()
                            : settings.reconnect();
            long pause =
                    Math.clamp(shortest.toNanos() / 8, SHORTEST_TICK_NANOS, LONGEST_TICK_NANOS);
            var _ = loop.schedule(this::tick, pause, TimeUnit.NANOSECONDS);
        }
    }

    private void tick() {
        ticking = false;
        if (closed) {
            return;
        }
        long now = System.nanoTime();
        for (NbdLink link : links) {
            if (link.isReady() && now - link.oldestSentNanos(now) > settings.timeout().toNanos()) {
                link.lost("server: no answer within " + settings.timeout());
            }
        }
        if (!waiting.isEmpty() && isDownTooLong(now)) {
            giveUp();
        }
        pump();
    }

    private void giveUp() {
        if (!gaveUp) { // once, not for each request that follows
            gaveUp = true;
            LOG.warn("{}: no connection for {}: media errors", uri.text(), settings.reconnect());
        }
        List<NbdCommand> left = new ArrayList<>(waiting);
        waiting.clear();
        left.forEach(command -> ended(command, BlockStatus.MEDIA_ERROR));
    }

    private boolean anyReady() {
        return links.stream().anyMatch(NbdLink::isReady);
    }

    private boolean isBusy() {
        if (!waiting.isEmpty()) {
            return true;
        }
        for (NbdLink link : links) {
            if (link.inFlight() > 0) {
                return true;
            }
        }
        return false;
    }

    private boolean isDownTooLong(long now) {
        return down && now - downSinceNanos >= settings.reconnect().toNanos();
    }

    private boolean isOver(NbdCommand command, long now) {
        return now - command.transfer().submittedNanos() >= settings.reconnect().toNanos();
    }

    /// Told what the owner has to know.
    @FunctionalInterface
    interface Listener {
        void resized(long capacityBytes);
    }
}
