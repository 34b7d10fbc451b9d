package io.vfiouser.devices.timer;

import io.vfiouser.device.DeviceContext;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/// A one-shot timer for a wall clock time in whole seconds. Belongs to the device's loop.
///
/// It waits as many whole seconds as the clock, in whole seconds, is short of the time: so it never
/// fires early, and at most a second late. What is due while the device must not act is kept until
/// [#fireIfDue()] finds that it may.
final class WallTimer {
    /// A longer wait is cut in two, as nanoseconds must fit in a `long`.
    private static final long MAX_WAIT_SECONDS = Duration.ofDays(365).toSeconds();

    private final LongSupplier clock;
    private final BooleanSupplier mayFire;
    private final Runnable action;
    private DeviceContext context = DeviceContext.UNATTACHED;
    private DeviceContext.Scheduled wait = () -> {};
    private State state = State.IDLE;
    private long time;
    private boolean stopped;

    private enum State {
        IDLE,
        ARMED,
        DUE
    }

    /// @param clock seconds since 1970
    /// @param mayFire whether the device may act
    /// @param action what happens when the time has come
    WallTimer(LongSupplier clock, BooleanSupplier mayFire, Runnable action) {
        this.clock = clock;
        this.mayFire = mayFire;
        this.action = action;
    }

    /// Goes on with the next client's loop.
    void attach(DeviceContext context) {
        this.context = context;
    }

    /// The time it was set to last, fired or not; 0 after a reset.
    long time() {
        return time;
    }

    /// Arms it; for a time that has passed it fires at once.
    ///
    /// @param seconds since 1970
    void arm(long seconds) {
        time = seconds;
        state = State.ARMED;
        waitForTime();
    }

    /// Whether it has still to fire.
    boolean isArmed() {
        return state != State.IDLE;
    }

    /// Takes over the time of another timer.
    ///
    /// @param armed whether that one has still to fire
    void restore(long seconds, boolean armed) {
        time = seconds;
        state = armed ? State.ARMED : State.IDLE;
        waitForTime();
    }

    /// Forgets the time.
    void clear() {
        wait.cancel();
        state = State.IDLE;
        time = 0;
    }

    /// Stands still until [#start()]. What was due by then is armed again.
    void stop() {
        stopped = true;
        wait.cancel();
        if (state == State.DUE) {
            state = State.ARMED;
        }
    }

    /// Goes on after [#stop()].
    void start() {
        stopped = false;
        waitForTime();
    }

    /// Fires if that was held back.
    void fireIfDue() {
        if (state == State.DUE && mayFire.getAsBoolean()) {
            state = State.IDLE;
            action.run();
        }
    }

    private void waitForTime() {
        wait.cancel();
        if (state != State.ARMED || stopped) {
            return;
        }
        long seconds = secondsLeft();
        if (seconds > MAX_WAIT_SECONDS) {
            wait = context.schedule(Duration.ofSeconds(MAX_WAIT_SECONDS), this::waitForTime);
        } else {
            wait = context.schedule(Duration.ofSeconds(seconds), this::expire);
        }
    }

    private long secondsLeft() {
        long now = clock.getAsLong();
        if (time <= now) {
            return 0;
        }
        long left = time - now;
        return left > 0 ? left : Long.MAX_VALUE; // the difference did not fit
    }

    private void expire() {
        state = State.DUE;
        fireIfDue();
    }
}
