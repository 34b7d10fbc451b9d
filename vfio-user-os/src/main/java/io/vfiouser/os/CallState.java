package io.vfiouser.os;

import io.netty.util.concurrent.FastThreadLocal;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What one thread needs to make calls: its errno, and a little native memory for arguments.
///
/// Never shared between threads, so that no thread reads the errno of another. The memory lives as
/// long as its thread.
final class CallState {
    /// Bytes of [#memory()]: enough for the largest structure that a call fills.
    static final int MEMORY_SIZE = StructLayouts.STATX_SIZE;

    private static final FastThreadLocal<CallState> CURRENT =
            new FastThreadLocal<>() {
                @Override
                protected CallState initialValue() {
                    return new CallState();
                }
            };

    private final MemorySegment captured =
            Arena.ofAuto().allocate(Linker.Option.captureStateLayout());
    private final MemorySegment memory = Arena.ofAuto().allocate(MEMORY_SIZE, Long.BYTES);

    private long messageCalls;

    /// The state of the calling thread.
    static CallState current() {
        return CURRENT.get();
    }

    /// Where the linker puts errno.
    MemorySegment captured() {
        return captured;
    }

    /// The errno of the last call that was given this state.
    int errno() {
        return captured.get(ValueLayout.JAVA_INT, 0);
    }

    /// One more `recvmsg`, `sendmsg` or `send` is made.
    void countMessageCall() {
        messageCalls++;
    }

    /// How many of them this thread has made.
    long messageCalls() {
        return messageCalls;
    }

    /// Room for the arguments and results of one call; overwritten by the next.
    MemorySegment memory() {
        return memory;
    }
}
