package io.vfiouser.nbd;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.BlockProperties;
import io.vfiouser.devices.block.BlockRequest;
import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.os.FdBundle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// A disk on an NBD server: Ceph, S3, clusters, images, whatever nbdkit, qemu-nbd, nbd-server or
/// others serve.
///
/// Speaks the fixed newstyle protocol with `NBD_OPT_GO`, structured replies, flush, trim, write
/// zeroes and FUA, over TCP or a UNIX socket, with TLS if the URI says so, on several connections
/// if the server allows that. Nothing that a server sends is trusted.
///
/// A connection that is lost, or on which an answer takes too long, is made anew, and what was not
/// answered is asked again: the guest sees a pause. If that takes longer than
/// [NbdSettings#reconnect()], requests end with [BlockStatus#MEDIA_ERROR] until there is a
/// connection again.
public final class NbdBackend implements BlockBackend {
    private final EventLoop loop;
    private final @Nullable EventLoopGroup ownGroup;
    private final NbdMultiplexer multiplexer;
    private final List<BlockRequest> gathered = new ArrayList<>();
    private final Runnable takeInbox = this::takeInbox;
    private ArrayDeque<BlockRequest> inbox = new ArrayDeque<>(); // of whoever has the lock
    private ArrayDeque<BlockRequest> taken = new ArrayDeque<>(); // the loop's
    private final Object lock = new Object();
    private volatile BlockProperties properties;
    private volatile ResizeListener listener = _ -> {};
    private volatile boolean closed;

    private NbdBackend(NbdSettings settings, EventLoop loop, @Nullable EventLoopGroup ownGroup) {
        this.loop = loop;
        this.ownGroup = ownGroup;
        NbdUri uri = NbdUri.parse(settings.uri());
        this.multiplexer = new NbdMultiplexer(settings, uri, loop, this::resized);
        this.properties = await(settings).properties();
    }

    /// Connects, with a thread of its own. Waits for that, at most as long as an answer may take.
    ///
    /// @throws IllegalArgumentException for a URI that is none, or a server that cannot be reached
    ///   or does not offer what is needed
    public static NbdBackend connect(NbdSettings settings) {
        var group =
                new MultiThreadIoEventLoopGroup(
                        1, new DefaultThreadFactory("nbd", true), EpollIoHandler.newFactory());
        try {
            return new NbdBackend(settings, group.next(), group);
        } catch (RuntimeException e) {
            shutDown(group);
            throw e;
        }
    }

    /// As [#connect(NbdSettings)], on a loop that is shared with others.
    ///
    /// @param loop of Netty's epoll transport; not the calling thread's
    public static NbdBackend connect(NbdSettings settings, EventLoop loop) {
        return new NbdBackend(settings, loop, null);
    }

    @Override
    public BlockProperties properties() {
        return properties;
    }

    @Override
    public void submit(BlockRequest request) {
        BlockStatus status = closed ? BlockStatus.CANCELLED : properties.check(request);
        if (status.isOk()) {
            gathered.add(request);
        } else {
            request.complete(status);
        }
    }

    @Override
    public void submitted() {
        if (gathered.isEmpty()) {
            return;
        }
        boolean first;
        synchronized (lock) {
            first = inbox.isEmpty();
            inbox.addAll(gathered);
        }
        gathered.clear();
        if (first) {
            execute(takeInbox);
        }
    }

    @Override
    public void onResize(ResizeListener listener) {
        this.listener = listener;
    }

    /// None: the other process has connections of its own to the same export.
    @Override
    public FdBundle handOver() {
        return FdBundle.empty();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        gathered.forEach(request -> request.complete(BlockStatus.CANCELLED));
        gathered.clear();
        execute(() -> {
            takeInbox();
            multiplexer.close();
        });
        if (ownGroup != null) {
            shutDown(ownGroup);
        }
    }

    private void takeInbox() {
        synchronized (lock) {
            ArrayDeque<BlockRequest> empty = taken;
            taken = inbox;
            inbox = empty;
        }
        for (BlockRequest request = taken.poll(); request != null; request = taken.poll()) {
            multiplexer.submit(request);
        }
        multiplexer.pump();
    }

    private void execute(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException _) {
            task.run(); // the loop has ended, so nobody else is in there
        }
    }

    private void resized(long capacityBytes) {
        long capacity = capacityBytes - capacityBytes % properties.blockSize();
        properties = properties.withCapacity(capacity);
        listener.resized(capacity);
    }

    private NbdExport await(NbdSettings settings) {
        try {
            return multiplexer
                    .open()
                    .get(settings.timeout().toMillis() + 1000, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw unreachable(
                    settings, NbdFaultException.reason(e.getCause() == null ? e : e.getCause()), e);
        } catch (TimeoutException e) {
            execute(multiplexer::close);
            throw unreachable(settings, "no answer within " + settings.timeout(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            execute(multiplexer::close);
            throw unreachable(settings, "interrupted", e);
        }
    }

    private static IllegalArgumentException unreachable(
            NbdSettings settings, String why, Exception cause) {
        return new IllegalArgumentException(
                "uri: %s: %s (expected: an NBD server with that export)"
                        .formatted(settings.uri(), why),
                cause);
    }

    private static void shutDown(EventLoopGroup group) {
        var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
