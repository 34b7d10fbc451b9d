package io.vfiouser.transport;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.TimerFd;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Wakes a loop in time for a timer that is some way off, without a time limit of each wait.
///
/// A wait with a limit has the kernel start and stop a timer each time, 0.3 µs. Most timers here
/// are limits of how long a client may take, which are set and taken back over and over and hardly
/// ever run out. So one timer in the kernel is set to the first of them and left alone: it is set
/// anew only for an earlier one, and when it has expired. A loop then wakes up once for a timer
/// that was taken back.
///
/// Used on the loop.
final class LoopTimer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LoopTimer.class);

    /// Below this, setting the timer costs more than a limit of the wait.
    private static final long NEAR_NANOS = 5_000_000;

    private @Nullable TimerFd timer;
    private boolean armed;
    private boolean unavailable;
    private long expiry;

    /// Sees to it that the loop is woken by then.
    ///
    /// @param deadline on the loop's clock
    /// @return false if the wait needs the deadline as its limit
    boolean watches(long deadline, IoHandlerContext loop, IoHandler epoll) {
        if (armed && expiry - deadline <= 0) {
            return true;
        }
        long delay = loop.delayNanos(System.nanoTime());
        return delay >= NEAR_NANOS && arm(deadline, delay, epoll);
    }

    @Override
    public void close() {
        TimerFd current = timer;
        timer = null;
        unavailable = true;
        armed = false;
        if (current != null) {
            current.close();
        }
    }

    private boolean arm(long deadline, long delay, IoHandler epoll) {
        TimerFd current = timer;
        if (current == null) {
            current = open(epoll);
        }
        if (current == null) {
            return false;
        }
        current.arm(delay);
        armed = true;
        expiry = deadline;
        return true;
    }

    /// Without descriptors left it goes on as without this.
    private @Nullable TimerFd open(IoHandler epoll) {
        if (unavailable) {
            return null;
        }
        TimerFd opened = null;
        try {
            opened = TimerFd.create();
            var interest = new EpollInterest(EpollInterest.IN | EpollInterest.EDGE, true);
            interest.register(epoll.register(new Handle(opened.fd())));
            timer = opened;
            return opened;
        } catch (Exception e) {
            LOG.debug("timers by the limit of each wait", e);
            unavailable = true;
            if (opened != null) {
                opened.close();
            }
            return null;
        }
    }

    /// What epoll calls.
    private final class Handle implements EpollIoHandle {
        private final FileDescriptor fd;

        Handle(FileDescriptor fd) {
            this.fd = fd;
        }

        @Override
        public FileDescriptor fd() {
            return fd;
        }

        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            armed = false;
        }

        @Override
        public void close() {
            LoopTimer.this.close();
        }
    }
}
