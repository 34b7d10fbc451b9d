package io.vfiouser.testsupport;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/// How much a thread has put on the heap, for tests of paths that must make no garbage.
///
/// Measure after a few rounds: the first ones load classes and link call sites.
public final class AllocatedBytes {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private AllocatedBytes() {}

    /// The bytes that `work` allocates on this thread.
    public static long by(Runnable work) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        work.run();
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    /// The bytes that a thread has allocated since it was started.
    ///
    /// @param threadId of [Thread#threadId()]
    public static long of(long threadId) {
        return THREADS.getThreadAllocatedBytes(threadId);
    }
}
