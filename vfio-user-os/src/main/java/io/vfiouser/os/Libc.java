package io.vfiouser.os;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// How the C library calls that we make are linked, which are in groups: [MessageCalls],
/// [MappingCalls] and so on. Each returns what the call returns, or minus errno if it was -1.
///
/// Addresses travel as `long`; whoever passes one keeps its memory reachable during the call. Calls
/// that never block and do next to nothing are *critical*: the thread skips the change to native
/// state. A call that could block must not be, because it would hold up every safepoint.
///
/// Linking one takes milliseconds, so each group is linked when first used.
final class Libc {
    static {
        Platform.ensureSupported();
    }

    /// Keeps errno in a [CallState].
    static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");

    /// For calls that never block.
    static final Linker.Option CRITICAL = Linker.Option.critical(false);

    private static final Linker LINKER = Linker.nativeLinker();

    private Libc() {}

    /// A function of the C library; how it is called is told by [Link#with].
    static Link link(String name, MemoryLayout result, MemoryLayout... parameters) {
        MemorySegment symbol = LINKER.defaultLookup().findOrThrow(name);
        return options -> downcall(symbol, FunctionDescriptor.of(result, parameters), options);
    }

    @SuppressWarnings("restricted") // linking to C is this class's one job
    private static MethodHandle downcall(
            MemorySegment symbol, FunctionDescriptor function, Linker.Option... options) {
        return LINKER.downcallHandle(symbol, function, options);
    }

    /// A downcall declares `Throwable` but throws only what the JVM itself raises.
    static Error unexpected(Throwable t) {
        if (t instanceof RuntimeException e) {
            throw e;
        }
        return t instanceof Error e ? e : new AssertionError(t);
    }

    /// A function that is linked with the options of its calls.
    @FunctionalInterface
    interface Link {
        MethodHandle with(Linker.Option... options);
    }
}
