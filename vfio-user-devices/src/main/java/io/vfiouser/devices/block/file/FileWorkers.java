package io.vfiouser.devices.block.file;

import io.vfiouser.devices.block.BlockRequest;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Threads that wait for disks, for one [FileBackend] or many.
///
/// A thread is started when there is work and none is idle, up to a limit, and ends when it has had
/// nothing to do for ten seconds. May be used from any thread.
public final class FileWorkers implements AutoCloseable {
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final String name;
    private final int maxThreads;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final ArrayDeque<FileBackend> backends = new ArrayDeque<>();
    private final ArrayDeque<BlockRequest> requests = new ArrayDeque<>();
    private int threads;
    private int idle;
    private boolean closed;

    /// No threads yet.
    ///
    /// @param name what the threads are called
    /// @param maxThreads how many there may be, at least 1
    public FileWorkers(String name, int maxThreads) {
        if (maxThreads < 1) {
            throw new IllegalArgumentException(
                    "maxThreads: " + maxThreads + " (expected: at least 1)");
        }
        this.name = name;
        this.maxThreads = maxThreads;
    }

    /// Takes all requests out of `gathered` and has them done.
    void run(FileBackend backend, ArrayDeque<BlockRequest> gathered) {
        lock.lock();
        try {
            int wanted = gathered.size();
            while (!gathered.isEmpty()) {
                backends.add(backend);
                requests.add(gathered.remove());
            }
            int wake = Math.min(wanted, idle);
            for (int i = 0; i < wake; i++) {
                work.signal();
            }
            for (int i = wake; i < wanted && threads < maxThreads; i++) {
                threads++;
                Thread.ofPlatform().daemon().name(name).start(this::work);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Lets the threads end once they have done what they were given; does not wait for that.
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            work.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void work() {
        var transfer = new FileTransfer();
        lock.lock();
        try {
            while (awaitWork()) {
                FileBackend backend = backends.remove();
                BlockRequest request = requests.remove();
                lock.unlock();
                try {
                    backend.perform(request, transfer);
                } finally {
                    lock.lock();
                }
            }
        } finally {
            threads--;
            lock.unlock();
        }
    }

    private boolean awaitWork() {
        long left = IDLE_NANOS;
        idle++;
        try {
            while (requests.isEmpty() && !closed && left > 0) {
                left = work.awaitNanos(left);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // whoever interrupts a worker wants it to end
        } finally {
            idle--;
        }
        return !requests.isEmpty();
    }
}
