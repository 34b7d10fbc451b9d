package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The C library calls we make. Each returns what the call returns, or minus errno if it was -1.
///
/// Addresses travel as `long`; whoever passes one keeps its memory reachable during the call. Calls
/// that never block and do next to nothing are *critical*: the thread skips the change to native
/// state. A call that could block must not be, because it would hold up every safepoint.
///
/// Linking one takes milliseconds, so they are linked in groups, each when first used.
@SuppressWarnings("restricted") // linking to C is this class's one job
final class Libc {
    static {
        Platform.ensureSupported();
    }

    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
    private static final Linker.Option CRITICAL = Linker.Option.critical(false);

    private Libc() {}

    static long recvmsg(CallState state, int fd, long header, int flags) {
        state.countMessageCall();
        try {
            long result = (long) Messages.RECVMSG.invokeExact(state.captured(), fd, header, flags);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /// `recvmsg` without asking for errno, which costs an object a call; -1 if it failed.
    static long recvmsgPlain(CallState state, int fd, long header, int flags) {
        state.countMessageCall();
        try {
            return (long) Messages.RECVMSG_PLAIN.invokeExact(fd, header, flags);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long sendmsg(CallState state, int fd, long header, int flags) {
        state.countMessageCall();
        try {
            long result = (long) Messages.SENDMSG.invokeExact(state.captured(), fd, header, flags);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long send(CallState state, int fd, long from, long size, int flags) {
        state.countMessageCall();
        try {
            long result = (long) Messages.SEND.invokeExact(state.captured(), fd, from, size, flags);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /// `send` without asking for errno, as [#recvmsgPlain]; -1 if it failed.
    static long sendPlain(CallState state, int fd, long from, long size, int flags) {
        state.countMessageCall();
        try {
            return (long) Messages.SEND_PLAIN.invokeExact(fd, from, size, flags);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /// Of the calling thread, which is task 0.
    static int schedSetaffinity(CallState state, long maskSize, long mask) {
        try {
            int result =
                    (int)
                            Threads.SCHED_SETAFFINITY.invokeExact(
                                    state.captured(), 0, maskSize, mask);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int socketpair(CallState state, int domain, int type, long descriptors) {
        try {
            int result =
                    (int)
                            Sockets.SOCKETPAIR.invokeExact(
                                    state.captured(), domain, type, 0, descriptors);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int connect(CallState state, int fd, long address, int size) {
        try {
            int result = (int) Sockets.CONNECT.invokeExact(state.captured(), fd, address, size);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int bind(CallState state, int fd, long address, int size) {
        try {
            int result = (int) Addresses.BIND.invokeExact(state.captured(), fd, address, size);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int getsockopt(CallState state, int fd, int level, int option, long value, long size) {
        try {
            int result =
                    (int)
                            Sockets.GETSOCKOPT.invokeExact(
                                    state.captured(), fd, level, option, value, size);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /// The address, which is positive in user space.
    static long mmap(
            CallState state, long hint, long size, int protection, int flags, int fd, long offset) {
        try {
            long result =
                    (long)
                            Mappings.MMAP.invokeExact(
                                    state.captured(), hint, size, protection, flags, fd, offset);
            return result != -1 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int munmap(CallState state, long address, long size) {
        try {
            int result = (int) Mappings.MUNMAP.invokeExact(state.captured(), address, size);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int madvise(CallState state, long address, long size, int advice) {
        try {
            int result =
                    (int) Mappings.MADVISE.invokeExact(state.captured(), address, size, advice);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int memfdCreate(CallState state, long name, int flags) {
        try {
            int result = (int) Memories.MEMFD_CREATE.invokeExact(state.captured(), name, flags);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int ftruncate(CallState state, int fd, long size) {
        try {
            int result = (int) Memories.FTRUNCATE.invokeExact(state.captured(), fd, size);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int fallocate(CallState state, int fd, int mode, long offset, long size) {
        try {
            int result =
                    (int) Memories.FALLOCATE.invokeExact(state.captured(), fd, mode, offset, size);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int fcntl(CallState state, int fd, int command, int argument) {
        try {
            int result = (int) Flags.FCNTL.invokeExact(state.captured(), fd, command, argument);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int open(CallState state, long path, int flags, int mode) {
        try {
            int result = (int) Files.OPEN.invokeExact(state.captured(), path, flags, mode);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int fchmodat(CallState state, int directory, long path, int mode, int flags) {
        try {
            int result =
                    (int)
                            Addresses.FCHMODAT.invokeExact(
                                    state.captured(), directory, path, mode, flags);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int fdatasync(CallState state, int fd) {
        try {
            int result = (int) Files.FDATASYNC.invokeExact(state.captured(), fd);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int statx(CallState state, int fd, long path, int flags, int mask, long result) {
        try {
            int outcome =
                    (int)
                            Statuses.STATX.invokeExact(
                                    state.captured(), fd, path, flags, mask, result);
            return outcome >= 0 ? outcome : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int fstatfs(CallState state, int fd, long result) {
        try {
            int outcome = (int) Statuses.FSTATFS.invokeExact(state.captured(), fd, result);
            return outcome >= 0 ? outcome : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int eventfd(CallState state, int initial, int flags) {
        try {
            int result = (int) Events.EVENTFD.invokeExact(state.captured(), initial, flags);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long write(CallState state, int fd, long from, long size) {
        try {
            long result = (long) Events.WRITE.invokeExact(state.captured(), fd, from, size);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long read(CallState state, int fd, long into, long size) {
        try {
            long result = (long) Events.READ.invokeExact(state.captured(), fd, into, size);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int poll(CallState state, long pollfds, long count, int timeoutMillis) {
        try {
            int result =
                    (int) Events.POLL.invokeExact(state.captured(), pollfds, count, timeoutMillis);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /// `poll` with a timeout of zero.
    static int pollNow(CallState state, long pollfds, long count) {
        try {
            int result = (int) Events.POLL_NOW.invokeExact(state.captured(), pollfds, count, 0);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long preadv(CallState state, int fd, long iovecs, int count, long offset) {
        try {
            long result =
                    (long) Files.PREADV.invokeExact(state.captured(), fd, iovecs, count, offset);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long pwritev(CallState state, int fd, long iovecs, int count, long offset) {
        try {
            long result =
                    (long) Files.PWRITEV.invokeExact(state.captured(), fd, iovecs, count, offset);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /// Only with `RWF_NOWAIT`, hence critical.
    static long preadv2(CallState state, int fd, long iovecs, int count, long offset, int flags) {
        try {
            long result =
                    (long)
                            Events.PREADV2.invokeExact(
                                    state.captured(), fd, iovecs, count, offset, flags);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /// For files, whose reads copy much or wait for the disk, hence not critical.
    static long preadv2Waiting(
            CallState state, int fd, long iovecs, int count, long offset, int flags) {
        try {
            long result =
                    (long)
                            Files.PREADV2_WAITING.invokeExact(
                                    state.captured(), fd, iovecs, count, offset, flags);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long pwritev2(CallState state, int fd, long iovecs, int count, long offset, int flags) {
        try {
            long result =
                    (long)
                            Files.PWRITEV2.invokeExact(
                                    state.captured(), fd, iovecs, count, offset, flags);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long lseek(CallState state, int fd, long offset, int whence) {
        try {
            long result = (long) Files.LSEEK.invokeExact(state.captured(), fd, offset, whence);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int flock(CallState state, int fd, int operation) {
        try {
            int result = (int) Files.FLOCK.invokeExact(state.captured(), fd, operation);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int timerfdCreate(CallState state, int clock, int flags) {
        try {
            int result = (int) Timers.TIMERFD_CREATE.invokeExact(state.captured(), clock, flags);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /// Of a time from now on; the old setting is not asked for.
    static int timerfdSettime(CallState state, int fd, long setting) {
        try {
            int result =
                    (int) Timers.TIMERFD_SETTIME.invokeExact(state.captured(), fd, 0, setting, 0L);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /// Returns only if it could not be done.
    static int execve(CallState state, long path, long arguments, long environment) {
        try {
            int result =
                    (int)
                            Processes.EXECVE.invokeExact(
                                    state.captured(), path, arguments, environment);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /// The address of a structure that the next call overwrites, or 0.
    static long getpwnam(long name) {
        try {
            return (long) Processes.GETPWNAM.invokeExact(name);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /// What the C library has no function for, or one that does more than the system call; a fifth
    /// argument is 0.
    static long syscall(
            CallState state, SystemCall call, long first, long second, long third, long fourth) {
        try {
            long result =
                    (long)
                            Processes.SYSCALL.invokeExact(
                                    state.captured(),
                                    (long) call.number(),
                                    first,
                                    second,
                                    third,
                                    fourth,
                                    0L);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /// One request, whose address lies at `requests`; without asking for errno, -1 if it failed.
    static long ioSubmitPlain(long context, long requests) {
        try {
            return (long)
                    Requests.IO_SUBMIT.invokeExact(
                            (long) SystemCall.IO_SUBMIT.number(), context, 1L, requests);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int getpagesize() {
        try {
            return (int) Mappings.GETPAGESIZE.invokeExact();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /// A downcall declares `Throwable` but throws only what the JVM itself raises.
    private static Error unexpected(Throwable t) {
        if (t instanceof RuntimeException e) {
            throw e;
        }
        return t instanceof Error e ? e : new AssertionError(t);
    }

    private static Link link(String name, MemoryLayout result, MemoryLayout... parameters) {
        MemorySegment symbol = LINKER.defaultLookup().findOrThrow(name);
        return options ->
                LINKER.downcallHandle(symbol, FunctionDescriptor.of(result, parameters), options);
    }

    /// Of a connection.
    private static final class Messages {
        static final MethodHandle RECVMSG =
                link("recvmsg", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT).with(ERRNO);
        static final MethodHandle RECVMSG_PLAIN =
                link("recvmsg", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT).with();
        static final MethodHandle SENDMSG =
                link("sendmsg", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT).with(ERRNO);
        static final MethodHandle SEND =
                link("send", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT).with(ERRNO);
        static final MethodHandle SEND_PLAIN =
                link("send", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT).with();
    }

    /// To make sockets.
    private static final class Sockets {
        static final MethodHandle SOCKETPAIR =
                link("socketpair", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG).with(ERRNO);
        static final MethodHandle CONNECT =
                link("connect", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT).with(ERRNO);
        static final MethodHandle GETSOCKOPT =
                link("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG)
                        .with(ERRNO);
    }

    /// To give a socket its place.
    private static final class Addresses {
        static final MethodHandle BIND =
                link("bind", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT).with(ERRNO);
        static final MethodHandle FCHMODAT =
                link("fchmodat", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT).with(ERRNO);
    }

    /// Of threads.
    private static final class Threads {
        static final MethodHandle SCHED_SETAFFINITY =
                link("sched_setaffinity", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG).with(ERRNO);
    }

    /// Of address ranges.
    private static final class Mappings {
        static final MethodHandle MMAP =
                link(
                                "mmap", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT,
                                JAVA_INT, JAVA_LONG)
                        .with(ERRNO);
        static final MethodHandle MUNMAP =
                link("munmap", JAVA_INT, JAVA_LONG, JAVA_LONG).with(ERRNO);
        static final MethodHandle MADVISE =
                link("madvise", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT).with(ERRNO);
        static final MethodHandle GETPAGESIZE = link("getpagesize", JAVA_INT).with(CRITICAL);
    }

    /// Of shared memory.
    private static final class Memories {
        static final MethodHandle MEMFD_CREATE =
                link("memfd_create", JAVA_INT, JAVA_LONG, JAVA_INT).with(ERRNO);
        static final MethodHandle FTRUNCATE =
                link("ftruncate", JAVA_INT, JAVA_INT, JAVA_LONG).with(ERRNO);
        static final MethodHandle FALLOCATE =
                link("fallocate", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG).with(ERRNO);
    }

    /// Of descriptors.
    private static final class Flags {
        static final MethodHandle FCNTL =
                link("fcntl", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT)
                        .with(ERRNO, CRITICAL, Linker.Option.firstVariadicArg(2));
    }

    /// Of files.
    private static final class Files {
        static final MethodHandle OPEN =
                link("open", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT)
                        .with(ERRNO, Linker.Option.firstVariadicArg(2));
        static final MethodHandle FDATASYNC = link("fdatasync", JAVA_INT, JAVA_INT).with(ERRNO);
        static final MethodHandle PREADV =
                link("preadv", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG).with(ERRNO);
        static final MethodHandle PWRITEV =
                link("pwritev", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG).with(ERRNO);
        static final MethodHandle PREADV2_WAITING =
                link("preadv2", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT)
                        .with(ERRNO);
        static final MethodHandle PWRITEV2 =
                link("pwritev2", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT)
                        .with(ERRNO);
        static final MethodHandle LSEEK =
                link("lseek", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT).with(ERRNO);
        static final MethodHandle FLOCK = link("flock", JAVA_INT, JAVA_INT, JAVA_INT).with(ERRNO);
    }

    /// About files.
    private static final class Statuses {
        static final MethodHandle STATX =
                link("statx", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG)
                        .with(ERRNO);
        static final MethodHandle FSTATFS =
                link("fstatfs", JAVA_INT, JAVA_INT, JAVA_LONG).with(ERRNO);
    }

    /// Of timers.
    private static final class Timers {
        static final MethodHandle TIMERFD_CREATE =
                link("timerfd_create", JAVA_INT, JAVA_INT, JAVA_INT).with(ERRNO);
        static final MethodHandle TIMERFD_SETTIME =
                link("timerfd_settime", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG)
                        .with(ERRNO);
    }

    /// Of processes, and what has no function.
    private static final class Processes {
        static final MethodHandle EXECVE =
                link("execve", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG).with(ERRNO);
        static final MethodHandle GETPWNAM = link("getpwnam", JAVA_LONG, JAVA_LONG).with();
        static final MethodHandle SYSCALL =
                link(
                                "syscall", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                                JAVA_LONG, JAVA_LONG)
                        .with(ERRNO, Linker.Option.firstVariadicArg(1));
    }

    /// Of asynchronous requests.
    private static final class Requests {
        static final MethodHandle IO_SUBMIT =
                link("syscall", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG)
                        .with(Linker.Option.firstVariadicArg(1));
    }

    /// Of eventfds.
    private static final class Events {
        static final MethodHandle EVENTFD =
                link("eventfd", JAVA_INT, JAVA_INT, JAVA_INT).with(ERRNO);
        static final MethodHandle WRITE =
                link("write", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG).with(ERRNO);
        static final MethodHandle READ =
                link("read", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG).with(ERRNO);
        static final MethodHandle POLL =
                link("poll", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT).with(ERRNO);
        static final MethodHandle POLL_NOW =
                link("poll", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT).with(ERRNO, CRITICAL);
        static final MethodHandle PREADV2 =
                link("preadv2", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT)
                        .with(ERRNO, CRITICAL);
    }

    @FunctionalInterface
    private interface Link {
        MethodHandle with(Linker.Option... options);
    }
}
