package io.vfiouser.server.watch;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// Whose code one event loop runs: written by the loop, read by the [Watchdog]'s thread. Entering
/// and leaving are a few plain or opaque stores.
public final class LoopWatch {
    private static final VarHandle CURRENT;
    private static final VarHandle ENTRIES;

    static {
        try {
            var lookup = MethodHandles.lookup();
            CURRENT = lookup.findVarHandle(LoopWatch.class, "current", Watched.class);
            ENTRIES = lookup.findVarHandle(LoopWatch.class, "entries", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private @Nullable Watched current;
    private long entries;
    private volatile @Nullable Thread thread;

    LoopWatch() {}

    /// The loop begins to run code of `device`.
    ///
    /// @return whose it ran until now, for [#leave]
    public @Nullable Watched enter(Watched device) {
        if (thread == null) {
            thread = Thread.currentThread();
        }
        Watched before = current;
        ENTRIES.setOpaque(this, entries + 1);
        CURRENT.setOpaque(this, device);
        return before;
    }

    /// The loop has ended with it.
    ///
    /// @param before what [#enter] returned
    public void leave(@Nullable Watched before) {
        CURRENT.setOpaque(this, before);
    }

    /// Whose code it is now; null for nobody's.
    @Nullable Watched current() {
        return (Watched) CURRENT.getOpaque(this);
    }

    /// Counts [#enter]; from any thread.
    public long entries() {
        return (long) ENTRIES.getOpaque(this);
    }

    /// The loop's thread; null before the first [#enter].
    @Nullable Thread thread() {
        return thread;
    }
}
