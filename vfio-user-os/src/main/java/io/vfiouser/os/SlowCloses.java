package io.vfiouser.os;

import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Threads that close descriptors and unmap memory, each of which may take for ever.
///
/// There is one more thread whenever all others are at work, so that one peer's descriptors do not
/// keep those of others open, up to a limit; idle ones end. What waits is bounded by the open files
/// that the process may have.
final class SlowCloses {
    /// For all of this process.
    static final SlowCloses SHARED = new SlowCloses();

    private static final int MOST_THREADS = 64;
    private static final int CROWDED = 1024;
    private static final int IDLE_SECONDS = 5;
    private static final int NO_LINGER = -1;

    private final AtomicInteger pending = new AtomicInteger();
    private final ThreadPoolExecutor threads;

    private SlowCloses() {
        var waiting = new Waiting();
        threads =
                new ThreadPoolExecutor(
                        0,
                        MOST_THREADS,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        waiting,
                        Thread.ofPlatform().daemon().name("vfio-user-close-", 0).factory(),
                        (close, _) -> waiting.put(close));
    }

    /// Closes it soon.
    void add(FileDescriptor fd) {
        add(() -> close(fd));
    }

    /// Does something else of that kind soon.
    void add(Runnable release) {
        pending.incrementAndGet();
        threads.execute(() -> {
            try {
                release.run();
            } finally {
                pending.decrementAndGet();
            }
        });
    }

    /// Whether so much waits that memory had better be given back at once: each range that waits is
    /// one of the few that the kernel allows a process.
    boolean isCrowded() {
        return pending() >= CROWDED;
    }

    /// How many are not done yet.
    int pending() {
        return pending.get();
    }

    /// The error of a close (of a flush to the peer's own file system, say) is nobody's here: the
    /// descriptor is gone in any case.
    private static void close(FileDescriptor fd) {
        try {
            if (PeerDescriptors.isSocket(fd)) {
                stopLingering(fd);
            }
            fd.close();
        } catch (IOException _) {
            // Nobody's, see above.
        }
    }

    /// So that a socket seldom waits at all; the peer could set it again just before the close.
    private static void stopLingering(FileDescriptor fd) {
        try {
            new Socket(fd.intValue()).setSoLinger(NO_LINGER);
        } catch (IOException | RuntimeException _) {
            // A family of sockets that does not know it.
        }
    }

    /// Takes what a thread waits for; for the rest the executor makes threads first, as long as it
    /// may.
    private static final class Waiting extends LinkedTransferQueue<Runnable> {
        private static final long serialVersionUID = 1;

        @Override
        public boolean offer(Runnable close) {
            return tryTransfer(close);
        }
    }
}
