package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;

/// A counter in the kernel that one side adds to and the other waits for: how interrupts reach the
/// client and how doorbells reach us.
///
/// All methods may be called from any thread, also while another closes it: a use that has begun
/// ends properly, a later one does nothing.
public final class EventFd implements AutoCloseable {
    private static final int EFD_NONBLOCK = 0x800;
    private static final int EFD_CLOEXEC = 0x80000;
    private static final short POLLIN = 1;
    private static final short POLLOUT = 4;
    private static final int RWF_NOWAIT = 8;
    private static final String EVENTFD_LINK = "anon_inode:[eventfd]";
    private static final MemorySegment ONE = Arena.global().allocateFrom(JAVA_LONG, 1L);

    /// Places in the per-thread memory: the value read, the iovec that points at it.
    private static final int VALUE = 0;

    private static final int IOVEC = 8;

    private final FileDescriptor fd;
    private final boolean adopted;
    private final UseCount uses = new UseCount();

    private EventFd(FileDescriptor fd, boolean adopted) {
        this.fd = fd;
        this.adopted = adopted;
    }

    /// Makes a new one with a count of 0, non-blocking and closed on exec.
    ///
    /// @throws NativeCallException with EMFILE if the limit of open files is reached
    public static EventFd create() {
        int fd = EventCalls.eventfd(CallState.current(), 0, EFD_NONBLOCK | EFD_CLOEXEC);
        if (fd < 0) {
            throw Descriptors.failure("eventfd", fd, "");
        }
        return new EventFd(new FileDescriptor(fd), false);
    }

    /// Takes over a descriptor that a peer sent.
    ///
    /// @param fd belongs to the result from now on; closed if this throws
    /// @throws NativeCallException with EINVAL unless the descriptor is an eventfd: writing to
    ///   something else could block or corrupt a file
    public static EventFd adopt(FileDescriptor fd) {
        String kind = describe(fd);
        if (!kind.equals(EVENTFD_LINK)) {
            PeerDescriptors.close(fd);
            throw new NativeCallException(
                    "adopt",
                    Errno.EINVAL,
                    "fd=" + fd.intValue() + ": " + kind + ", expected: " + EVENTFD_LINK);
        }
        return new EventFd(fd, true);
    }

    /// Whether a descriptor is an eventfd, whatever else its open file looks like.
    static boolean isEventFd(FileDescriptor fd) {
        try {
            return link(fd).equals(EVENTFD_LINK);
        } catch (IOException _) {
            return false;
        }
    }

    /// Whether [#signal()] of an adopted eventfd cannot block, whatever the peer does: false only
    /// if the kernel refuses us asynchronous requests, by its configuration (`fs.aio-max-nr` too)
    /// or a seccomp filter.
    public static boolean signalsNeverBlock() {
        return EventSignals.areAvailable();
    }

    /// Adds 1 to the counter, waking whoever waits for it. Does not block.
    ///
    /// A peer can make its eventfd blocking and full at any moment, so an adopted one is signalled
    /// by the kernel. Where that cannot be had ([#signalsNeverBlock()]), its mode is looked at each
    /// time, and its counter too if it is blocking; a peer that changes either at exactly the right
    /// moment then delays the caller.
    ///
    /// @return false if this is closed; may be false if the counter is full, which it then stays
    public boolean signal() {
        if (!uses.enter()) {
            return false;
        }
        try {
            if (!adopted) {
                return addOne();
            }
            if (EventSignals.areAvailable()) {
                EventSignals.signal(fd);
                return true;
            }
            return signalCarefully();
        } finally {
            exit();
        }
    }

    /// As an adopted one is signalled without asynchronous requests.
    boolean signalCarefully() {
        return (Descriptors.isNonBlocking(fd) || isReady(POLLOUT)) && addOne();
    }

    /// Takes the counter's value and sets it to 0. Does not block, whatever the peer does.
    ///
    /// @return the value, unsigned; 0 if nothing was signalled or this is closed
    public long drain() {
        if (!uses.enter()) {
            return 0;
        }
        try {
            return readValue();
        } finally {
            exit();
        }
    }

    /// Waits until the counter is not 0, without changing it.
    ///
    /// Blocks the calling thread, so never call it on an event loop.
    ///
    /// @param timeout how long to wait, rounded up to milliseconds
    /// @return false if the time ran out or this is closed
    public boolean await(Duration timeout) {
        if (!uses.enter()) {
            return false;
        }
        try {
            return awaitReadable(System.nanoTime() + timeout.toNanos());
        } finally {
            exit();
        }
    }

    /// The descriptor, to watch it or to send it to a peer; stays with this object.
    public FileDescriptor fd() {
        return fd;
    }

    /// Closes the descriptor as soon as no call is in the middle of using it; idempotent.
    @Override
    public void close() {
        if (uses.closeIsLast()) {
            Descriptors.close(fd);
        }
    }

    private void exit() {
        if (uses.exitIsLast()) {
            Descriptors.close(fd);
        }
    }

    private boolean addOne() {
        long result;
        do {
            result =
                    EventCalls.write(
                            CallState.current(), fd.intValue(), ONE.address(), ONE.byteSize());
        } while (result == -Errno.EINTR.number());
        if (result < 0 && result != -Errno.EAGAIN.number()) {
            throw Descriptors.failure("write", result, "eventfd=" + fd.intValue());
        }
        return result > 0;
    }

    private long readValue() {
        CallState state = CallState.current();
        MemorySegment memory = state.memory();
        memory.set(JAVA_LONG, IOVEC + StructLayouts.IOVEC_BASE, memory.address() + VALUE);
        memory.set(JAVA_LONG, IOVEC + StructLayouts.IOVEC_LENGTH, Long.BYTES);
        long result =
                EventCalls.preadv2(
                        state, fd.intValue(), memory.address() + IOVEC, 1, -1, RWF_NOWAIT);
        if (result == -Errno.ENOTSUP.number()) {
            // Before Linux 5.8 an eventfd knows no RWF_NOWAIT.
            result =
                    isReady(POLLIN)
                            ? EventCalls.read(
                                    state, fd.intValue(), memory.address() + VALUE, Long.BYTES)
                            : -Errno.EAGAIN.number();
        }
        if (result == -Errno.EAGAIN.number() || result == -Errno.EINTR.number()) {
            return 0;
        }
        if (result < 0) {
            throw Descriptors.failure("preadv2", result, "eventfd=" + fd.intValue());
        }
        return memory.get(JAVA_LONG, VALUE);
    }

    private boolean isReady(short events) {
        CallState state = CallState.current();
        return EventCalls.pollNow(state, pollfd(state, events), 1) > 0
                && (state.memory().get(JAVA_SHORT, StructLayouts.POLLFD_RETURNED) & events) != 0;
    }

    private boolean awaitReadable(long deadline) {
        CallState state = CallState.current();
        while (true) {
            long left = Math.max(0, deadline - System.nanoTime());
            int millis = (int) Math.min((left + 999_999) / 1_000_000, Integer.MAX_VALUE);
            int result = EventCalls.poll(state, pollfd(state, POLLIN), 1, millis);
            if (result > 0) {
                return true;
            }
            if (result < 0 && result != -Errno.EINTR.number()) {
                throw Descriptors.failure("poll", result, "eventfd=" + fd.intValue());
            }
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
        }
    }

    private long pollfd(CallState state, short events) {
        MemorySegment memory = state.memory();
        memory.set(JAVA_INT, StructLayouts.POLLFD_FD, fd.intValue());
        memory.set(JAVA_SHORT, StructLayouts.POLLFD_EVENTS, events);
        memory.set(JAVA_SHORT, StructLayouts.POLLFD_RETURNED, (short) 0);
        return memory.address();
    }

    private static String describe(FileDescriptor fd) {
        try {
            return link(fd);
        } catch (NoSuchFileException e) {
            return "not open";
        } catch (IOException e) {
            PeerDescriptors.close(fd);
            throw new UncheckedIOException(e);
        }
    }

    private static String link(FileDescriptor fd) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/fd", "" + fd.intValue())).toString();
    }
}
