package io.vfiouser.transport;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;

/// Netty's epoll handler, told how long to wait.
///
/// Netty's loop asks for a wait of one second when no timer is set. The kernel then starts and
/// stops a timer of its own around each `epoll_pwait2`, which costs some 0.5 µs an access, and idle
/// loops wake up every second. Here a loop without timers waits without end. After work it may also
/// keep asking for a while before it sleeps.
final class LoopHandler implements IoHandler, IoHandlerContext {
    private static final long NO_DEADLINE = -1;

    private final IoHandler epoll;
    private final long spinNanos;
    private IoHandlerContext loop = new NoLoop();
    private boolean spinning;
    private boolean worked;
    private long lastWork;

    /// @param epoll the handler that does the work
    /// @param spinNanos how long to keep asking after the last event, 0 to sleep at once
    LoopHandler(IoHandler epoll, long spinNanos) {
        this.epoll = epoll;
        this.spinNanos = spinNanos;
    }

    @Override
    public int run(IoHandlerContext context) {
        loop = context;
        spinning = spins();
        int handled = epoll.run(this);
        if (handled > 0 && spinNanos > 0) {
            worked = true;
            lastWork = System.nanoTime();
        }
        return handled;
    }

    private boolean spins() {
        if (worked && System.nanoTime() - lastWork >= spinNanos) {
            worked = false;
        }
        return worked;
    }

    // What the handler asks about the loop

    /// Asked once more when wake-ups are armed: a task that came just before would wake nobody.
    @Override
    public boolean canBlock() {
        return !spinning && loop.canBlock();
    }

    @Override
    public long delayNanos(long currentTimeNanos) {
        return loop.delayNanos(currentTimeNanos);
    }

    @Override
    public long deadlineNanos() {
        return hasTimer() ? loop.deadlineNanos() : NO_DEADLINE;
    }

    /// Without a timer the delay is the same whatever the time is; with one it changes, or it is
    /// over.
    private boolean hasTimer() {
        long delay = loop.delayNanos(0);
        return delay == 0 || delay != loop.delayNanos(1);
    }

    @Override
    public void reportActiveIoTime(long activeNanos) {
        loop.reportActiveIoTime(activeNanos);
    }

    @Override
    public boolean shouldReportActiveIoTime() {
        return loop.shouldReportActiveIoTime();
    }

    // The rest is epoll's

    @Override
    public void initialize() {
        epoll.initialize();
    }

    @Override
    public void prepareToDestroy() {
        epoll.prepareToDestroy();
    }

    @Override
    public void destroy() {
        epoll.destroy();
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
        return epoll.register(handle);
    }

    @Override
    public void wakeup() {
        epoll.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
        return epoll.isCompatible(handleType);
    }

    /// Before the first run.
    private static final class NoLoop implements IoHandlerContext {
        @Override
        public boolean canBlock() {
            return false;
        }

        @Override
        public long delayNanos(long currentTimeNanos) {
            return 0;
        }

        @Override
        public long deadlineNanos() {
            return 0;
        }
    }
}
