package io.vfiouser.transport;

import io.netty.channel.ChannelPromise;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.Future;
import io.vfiouser.os.NativeCallException;
import io.vfiouser.os.UnixSockets;
import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One attempt to connect a channel, repeated while the queue of the listener is full.
///
/// A Unix socket connects at once or not at all, and no event tells that the queue has room again,
/// so it is tried every few milliseconds until the channel's connect timeout.
final class Connector {
    private static final long RETRY_MILLIS = 5;

    private final VfioUserChannel channel;
    private final DomainSocketAddress address;
    private final ChannelPromise promise;
    private final long deadline;
    private final int timeoutMillis;
    private @Nullable Future<?> retry;

    Connector(VfioUserChannel channel, DomainSocketAddress address, ChannelPromise promise) {
        this.channel = channel;
        this.address = address;
        this.promise = promise;
        this.timeoutMillis = channel.config().getConnectTimeoutMillis();
        this.deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    }

    /// Tries once, and arranges the next try if there has to be one.
    void attempt() {
        retry = null;
        if (promise.isDone()) {
            channel.connectFailed();
            return;
        }
        try {
            if (UnixSockets.connect(channel.fd(), address.path())) {
                channel.connected(promise);
            } else if (timeoutMillis > 0 && System.nanoTime() - deadline >= 0) {
                throw new ConnectTimeoutException(
                        "connect: "
                                + address.path()
                                + ": queue of the listener full for "
                                + timeoutMillis
                                + " ms (expected: an accept)");
            } else {
                retry =
                        channel.eventLoop()
                                .schedule(this::attempt, RETRY_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (NativeCallException e) {
            var failure = new ConnectException(e.getMessage());
            failure.initCause(e);
            fail(failure);
        } catch (ConnectTimeoutException e) {
            fail(e);
        }
    }

    /// Gives up because the channel is closed.
    void abandon() {
        Future<?> pending = retry;
        if (pending != null) {
            pending.cancel(false);
        }
        promise.tryFailure(new ClosedChannelException());
    }

    private void fail(Exception cause) {
        promise.tryFailure(cause);
        channel.connectFailed();
    }
}
