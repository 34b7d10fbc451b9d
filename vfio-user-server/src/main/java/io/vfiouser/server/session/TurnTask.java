package io.vfiouser.server.session;

import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;
import io.vfiouser.device.LoopTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// A device's task for the end of a turn: after the messages that the turn has read, and after the
/// replies to them have left, so that no client waits for it.
///
/// What asks on the loop makes no object. A task that asks for itself comes in the next turn, so
/// that the loop looks at its sockets in between.
final class TurnTask implements LoopTask, Runnable {
    private final EventLoop loop;
    private final Runnable work;
    private final Runnable nextTurn;
    private final AtomicBoolean requested = new AtomicBoolean();
    private boolean running;

    /// A task that nobody has asked for.
    ///
    /// @param work must not throw
    TurnTask(EventLoop loop, Runnable work) {
        this.loop = loop;
        this.work = work;
        this.nextTurn = () -> loop.execute(this);
    }

    @Override
    public void request() {
        if (!requested.compareAndSet(false, true)) {
            return;
        }
        if (!loop.inEventLoop()) {
            loop.execute(this);
        } else if (loop instanceof SingleThreadEventLoop single) {
            // What is executed when this turn has ended is the first task after the next look at
            // the sockets.
            single.executeAfterEventLoopIteration(running ? nextTurn : this);
        } else {
            var _ = loop.schedule(this, 0, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void run() {
        requested.set(false);
        running = true;
        try {
            work.run();
        } finally {
            running = false;
        }
    }
}
