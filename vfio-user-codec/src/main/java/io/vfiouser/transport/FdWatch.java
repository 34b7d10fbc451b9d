package io.vfiouser.transport;

import io.netty.channel.EventLoop;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import io.vfiouser.os.EventFd;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Watches an eventfd on an event loop and calls back when it was signalled: a doorbell.
///
/// The callback runs on the loop, with how often the eventfd was signalled since the last time; the
/// counter has been reset before. What it throws is logged and does no further harm. Start and
/// close it from any thread.
public final class FdWatch implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(FdWatch.class);

    private volatile IoEventLoop loop;
    private final EventFd event;
    private final LongConsumer onSignal;
    private final EpollInterest interest = new EpollInterest(EpollInterest.IN, true);
    private boolean closed;
    private boolean suspended;

    private FdWatch(IoEventLoop loop, EventFd event, LongConsumer onSignal) {
        this.loop = loop;
        this.event = event;
        this.onSignal = onSignal;
    }

    /// Starts to watch. A signal that was given before counts too.
    ///
    /// @param loop an event loop of Netty's epoll transport
    /// @param event belongs to the watch from now on, which closes it
    /// @param onSignal gets the number of signals, at least 1, unsigned
    /// @throws IllegalArgumentException if the loop is of another kind; `event` stays the caller's
    public static FdWatch start(EventLoop loop, EventFd event, LongConsumer onSignal) {
        Objects.requireNonNull(event, "event");
        Objects.requireNonNull(onSignal, "onSignal");
        var watch = new FdWatch(checked(loop), event, onSignal);
        watch.onLoop(watch::register);
        return watch;
    }

    private static IoEventLoop checked(EventLoop loop) {
        if (!(loop instanceof IoEventLoop io) || !io.isCompatible(Handle.class)) {
            throw new IllegalArgumentException(
                    "loop: " + loop + " (expected: one of Netty's epoll transport)");
        }
        return io;
    }

    /// Ends the watch and closes the eventfd: at once on the loop, else when the loop gets to it.
    /// On the loop no callback follows; idempotent.
    @Override
    public void close() {
        onLoop(this::closeNow);
    }

    /// The eventfd; stays with the watch.
    public EventFd event() {
        return event;
    }

    /// Lets signals gather in the eventfd, for whoever looks at it next. On the loop only.
    public void suspend() {
        suspended = true;
        interest.suspend();
    }

    /// Looks again, also at what has gathered. On the loop only.
    public void resume() {
        suspended = false;
        interest.resume();
    }

    /// Leaves its loop: signals gather in the eventfd until [#join]. On the loop only.
    public void leave() {
        interest.cancel();
    }

    /// Watches on another loop after [#leave()], from what has gathered on. On that loop only.
    ///
    /// @throws IllegalArgumentException if the loop is of another kind
    public void join(EventLoop next) {
        loop = checked(next);
        register();
    }

    private void register() {
        if (closed || loop.isShuttingDown()) {
            closeNow(); // a loop closes what it has when it ends, and nothing that comes later
            return;
        }
        loop.register(new Handle())
                .addListener((Future<IoRegistration> granted) -> {
                    if (granted.isSuccess()) {
                        interest.add(EpollInterest.IN | EpollInterest.EDGE);
                        interest.register(granted.getNow());
                    } else {
                        LOGGER.error("eventfd is not watched", granted.cause());
                        closeNow();
                    }
                });
    }

    private void closeNow() {
        if (!closed) {
            closed = true;
            interest.cancel();
            event.close();
        }
    }

    private void onLoop(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
            return;
        }
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            // The loop has ended, and with it every watch on it: nothing is left to race with.
            event.close();
        }
    }

    private void signalled() {
        long count = closed || suspended ? 0 : event.drain();
        if (count == 0) {
            return;
        }
        try {
            onSignal.accept(count);
        } catch (RuntimeException | Error e) {
            LOGGER.error("callback of an eventfd", e);
        }
    }

    /// What epoll calls, always on the event loop.
    private final class Handle implements EpollIoHandle {
        @Override
        public FileDescriptor fd() {
            return event.fd();
        }

        @Override
        public void handle(IoRegistration registration, IoEvent ioEvent) {
            signalled();
        }

        @Override
        public void close() {
            closeNow();
        }
    }
}
