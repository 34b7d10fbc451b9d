package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.netty.channel.unix.FileDescriptor;
import java.lang.foreign.MemorySegment;

/// A timer of the kernel that epoll can watch: one expiry, then nothing until it is armed again.
///
/// Used by one thread.
public final class TimerFd implements AutoCloseable {
    private static final int CLOCK_MONOTONIC = 1;
    private static final int TFD_NONBLOCK = 0x800;
    private static final int TFD_CLOEXEC = 0x80000;
    private static final long NANOS = 1_000_000_000;

    /// Places in an `itimerspec`: the interval, which stays 0, and the first expiry.
    private static final int INTERVAL = 0;

    private static final int VALUE = 16;

    private final FileDescriptor fd;

    private TimerFd(FileDescriptor fd) {
        this.fd = fd;
    }

    /// Makes one that is not armed.
    ///
    /// @throws NativeCallException with EMFILE if the limit of open files is reached
    public static TimerFd create() {
        int fd =
                TimerCalls.timerfdCreate(
                        CallState.current(), CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
        if (fd < 0) {
            throw Descriptors.failure("timerfd_create", fd, "");
        }
        return new TimerFd(new FileDescriptor(fd));
    }

    /// Expires once, so many nanoseconds from now, instead of when it was to expire before.
    ///
    /// @param delayNanos at least 1
    public void arm(long delayNanos) {
        CallState state = CallState.current();
        MemorySegment memory = state.memory();
        memory.set(JAVA_LONG, INTERVAL, 0);
        memory.set(JAVA_LONG, INTERVAL + Long.BYTES, 0);
        memory.set(JAVA_LONG, VALUE, delayNanos / NANOS);
        memory.set(JAVA_LONG, VALUE + Long.BYTES, delayNanos % NANOS);
        int result = TimerCalls.timerfdSettime(state, fd.intValue(), memory.address());
        if (result < 0) {
            throw Descriptors.failure("timerfd_settime", result, "delay=" + delayNanos);
        }
    }

    /// The descriptor, readable from the expiry until the timer is armed again; stays with this.
    public FileDescriptor fd() {
        return fd;
    }

    @Override
    public void close() {
        Descriptors.close(fd);
    }
}
