package io.vfiouser.server.session;

import io.vfiouser.device.LoopTask;
import io.vfiouser.server.loop.DeviceLoop;
import java.util.concurrent.atomic.AtomicBoolean;

/// A device's task for the end of a turn: after the messages that the turn has read, and after the
/// replies to them have left, so that no client waits for it.
///
/// What asks on the loop makes no object. A task that asks for itself comes in the next turn, so
/// that the loop looks at its sockets in between.
final class TurnTask implements LoopTask, Runnable {
    private final DeviceLoop loop;
    private final Runnable work;
    private final Runnable nextTurn;
    private final AtomicBoolean requested = new AtomicBoolean();
    private boolean running;

    /// A task that nobody has asked for.
    ///
    /// @param work must not throw
    TurnTask(DeviceLoop loop, Runnable work) {
        this.loop = loop;
        this.work = work;
        this.nextTurn = () -> loop.execute(this);
    }

    @Override
    public void request() {
        if (!requested.compareAndSet(false, true)) {
            return;
        }
        // What is executed when this turn has ended is the first task after the next look at the
        // sockets.
        loop.afterTurn(running ? nextTurn : this);
    }

    @Override
    public void run() {
        if (!loop.inLoop()) {
            loop.execute(this); // the device has moved
            return;
        }
        requested.set(false);
        running = true;
        try {
            work.run();
        } finally {
            running = false;
        }
    }
}
