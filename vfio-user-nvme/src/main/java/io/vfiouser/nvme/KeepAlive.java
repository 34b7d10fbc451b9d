package io.vfiouser.nvme;

import io.vfiouser.client.ClientException;
import java.time.Duration;

/// Sends Keep Alive at half of the time after which a controller gives its host up.
final class KeepAlive implements AutoCloseable {
    private final AdminQueue admin;
    private final Duration period;
    private final Thread thread;

    private KeepAlive(AdminQueue admin, Duration period) {
        this.admin = admin;
        this.period = period;
        this.thread = Thread.ofPlatform().daemon().name("nvme-keep-alive").unstarted(this::run);
    }

    /// Begins.
    ///
    /// @param timeoutMillis the controller's, above 0
    static KeepAlive start(AdminQueue admin, int timeoutMillis) {
        long half = Math.max(Integer.toUnsignedLong(timeoutMillis) / 2, 1);
        var keepAlive = new KeepAlive(admin, Duration.ofMillis(half));
        keepAlive.thread.start();
        return keepAlive;
    }

    /// Ends, without waiting.
    @Override
    public void close() {
        thread.interrupt();
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(period);
                admin.run("Keep Alive", Opcode.KEEP_ALIVE, 0, 0, 0);
            }
        } catch (InterruptedException | ClientException | NvmeStatusException e) {
            // Closed, or the controller is gone: whoever does I/O learns of that.
            Thread.currentThread().interrupt();
        }
    }
}
