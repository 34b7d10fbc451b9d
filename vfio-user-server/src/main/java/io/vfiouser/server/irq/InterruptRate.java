package io.vfiouser.server.irq;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/// How many interrupts a device may send: a flood of them would keep the client's kernel busy, and
/// with it the threads of the guest's processors.
///
/// It counts in windows of 10 ms, or longer where the rate is low. A vector that comes when its
/// window has no more to give is late: it is called again when the next one begins. Any thread may
/// use it.
final class InterruptRate {
    /// Runs something later.
    @FunctionalInterface
    interface Timer {
        /// Runs `task` after `nanos` from now.
        void schedule(Runnable task, long nanos);
    }

    private static final long SECOND = 1_000_000_000;
    private static final int WINDOWS_PER_SECOND = 100;

    private final Timer timer;
    private final LongSupplier clock;
    private final int perWindow;
    private final long window;
    private final AtomicInteger left;
    private final List<IrqVector> late = new ArrayList<>(0);
    private long windowStart;
    private boolean waiting;

    /// A rate of which nothing has been used.
    ///
    /// @param perSecond interrupts, at least 1
    /// @param timer calls the late vectors
    /// @param clock nanoseconds, as [System#nanoTime]
    InterruptRate(int perSecond, Timer timer, LongSupplier clock) {
        this.timer = timer;
        this.clock = clock;
        this.perWindow = Math.max(1, perSecond / WINDOWS_PER_SECOND);
        this.window = SECOND * perWindow / perSecond;
        this.left = new AtomicInteger(perWindow);
        this.windowStart = clock.getAsLong();
    }

    /// Whether `vector` may fire now; if not, its [IrqVector#fireLate] is called when it may.
    boolean take(IrqVector vector) {
        return left.getAndDecrement() > 0 || takeOfNext(vector);
    }

    private synchronized boolean takeOfNext(IrqVector vector) {
        if (left.getAndDecrement() > 0) {
            return true; // another thread began the window just now
        }
        long age = clock.getAsLong() - windowStart;
        if (!waiting && age >= window) {
            begin();
            return left.getAndDecrement() > 0;
        }
        late.add(vector);
        if (!waiting) {
            waiting = true;
            timer.schedule(this::fireLate, Math.max(0, window - age));
        }
        return false;
    }

    private void fireLate() {
        List<IrqVector> vectors;
        synchronized (this) {
            waiting = false;
            begin();
            vectors = List.copyOf(late);
            late.clear();
        }
        vectors.forEach(IrqVector::fireLate);
    }

    private void begin() {
        windowStart = clock.getAsLong();
        left.set(perWindow);
    }
}
