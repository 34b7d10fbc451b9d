package io.vfiouser.testkit.vmm;

import io.vfiouser.client.VfioUserClient;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// The connection to whoever serves the device now, and the lock by which the processors stop.
final class Link {
    /// Fair, so that a driver which polls a register does not keep a migration out.
    private final ReentrantReadWriteLock processors = new ReentrantReadWriteLock(true);

    private VfioUserClient client;

    Link(VfioUserClient client) {
        this.client = client;
    }

    VfioUserClient client() {
        processors.readLock().lock();
        try {
            return client;
        } finally {
            processors.readLock().unlock();
        }
    }

    long read(int region, long offset, int width) {
        processors.readLock().lock();
        try {
            return client.read(region, offset, width);
        } finally {
            processors.readLock().unlock();
        }
    }

    void write(int region, long offset, int width, long value) {
        processors.readLock().lock();
        try {
            client.write(region, offset, width, value);
        } finally {
            processors.readLock().unlock();
        }
    }

    void post(int region, long offset, int width, long value) {
        processors.readLock().lock();
        try {
            client.post(region, offset, width, value);
        } finally {
            processors.readLock().unlock();
        }
    }

    /// Stops the processors until [#resume()].
    void pause() {
        processors.writeLock().lock();
    }

    void resume() {
        processors.writeLock().unlock();
    }

    /// Goes on with another server; the processors are stopped.
    void replace(VfioUserClient other) {
        client.close();
        client = other;
    }

    void close() {
        client().close();
    }
}
