package io.vfiouser.transport;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import org.jspecify.annotations.Nullable;

/// Netty's epoll handler, told how long to wait.
///
/// Netty's loop asks for a wait of one second when no timer is set. The kernel then starts and
/// stops a timer of its own around each `epoll_pwait2`, which costs some 0.5 µs an access, and idle
/// loops wake up every second. Here a loop without timers waits without end, and one whose next
/// timer is some time off has it watched by a [LoopTimer].
///
/// After work it may also keep asking for a while before it sleeps. While one channel alone has
/// something to say, its socket is then asked directly, which finds a message some 0.5 µs earlier
/// than epoll does; epoll is asked in between, for all others.
final class LoopHandler implements IoHandler, IoHandlerContext {
    /// Never sleeps.
    static final long ALWAYS = Long.MAX_VALUE;

    private static final long NO_DEADLINE = -1;

    /// Messages in a row after which a channel counts as the only one.
    private static final int ALONE = 16;

    /// How often the socket of that channel is asked before epoll is again.
    private static final int DIRECT_POLLS = 8;

    private final IoHandler epoll;
    private final long spinNanos;
    private final LoopTimer timer = new LoopTimer();
    private IoHandlerContext loop = new NoLoop();
    private boolean spinning;
    private boolean worked;
    private long lastWork;
    private @Nullable Pollable lastSpeaker;
    private int streak;
    private int directPolls;

    /// @param epoll the handler that does the work
    /// @param spinNanos how long to keep asking after the last event, 0 to sleep at once, or
    ///   [#ALWAYS]
    LoopHandler(IoHandler epoll, long spinNanos) {
        this.epoll = epoll;
        this.spinNanos = spinNanos;
    }

    @Override
    public int run(IoHandlerContext context) {
        loop = context;
        spinning = spins();
        int handled = spinning && pollDirectly() ? 1 : epoll.run(this);
        if (handled > 0 && spinNanos > 0) {
            worked = true;
            lastWork = System.nanoTime();
        }
        return handled;
    }

    /// A channel has heard from epoll.
    void hadInput(Pollable speaker) {
        if (speaker.equals(lastSpeaker)) {
            streak++;
        } else {
            lastSpeaker = speaker;
            streak = 0;
        }
    }

    /// A channel is closed.
    void forget(Pollable closed) {
        if (closed.equals(lastSpeaker)) {
            lastSpeaker = null;
            streak = 0;
        }
    }

    /// Asks the channel that speaks alone, as long as nobody else wants the loop; returns whether
    /// it had something.
    private boolean pollDirectly() {
        Pollable speaker = lastSpeaker;
        if (speaker == null || streak < ALONE) {
            return false;
        }
        while (directPolls < DIRECT_POLLS && loop.canBlock()) {
            directPolls++;
            if (speaker.poll()) {
                return true;
            }
        }
        directPolls = 0;
        return false;
    }

    private boolean spins() {
        if (spinNanos == ALWAYS) {
            return true;
        }
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
        if (!hasTimer()) {
            return NO_DEADLINE;
        }
        long deadline = loop.deadlineNanos();
        return timer.watches(deadline, loop, epoll) ? NO_DEADLINE : deadline;
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
        timer.close();
        epoll.destroy();
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
        if (spinNanos > 0 && handle instanceof Pollable pollable) {
            pollable.registeredWith(this);
        }
        return epoll.register(handle);
    }

    /// A channel whose socket can be asked past epoll. Used on the loop.
    interface Pollable {
        /// Its events come from this handler from now on.
        void registeredWith(LoopHandler loop);

        /// Handles what the socket has; returns whether it had something.
        boolean poll();
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
