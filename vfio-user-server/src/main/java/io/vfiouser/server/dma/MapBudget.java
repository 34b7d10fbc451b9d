package io.vfiouser.server.dma;

import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.os.Errno;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/// How many mappings of client memory the whole server may have: the kernel allows a process only
/// `vm.max_map_count`, and beyond that the JVM itself comes to harm. Any thread may use it.
public final class MapBudget {
    private static final Path KERNEL_LIMIT = Path.of("/proc/sys/vm/max_map_count");

    private static final int MAX_DIGITS = 32;

    private final int most;
    private final AtomicInteger taken = new AtomicInteger();

    private MapBudget(int most) {
        this.most = most;
    }

    /// A budget of `most` mappings, at least 1.
    public static MapBudget of(int most) {
        return new MapBudget(most);
    }

    /// A budget of `most` mappings, or three quarters of what the kernel allows if that is less;
    /// the rest is for the JVM, and for mappings that are gone but not collected yet.
    public static MapBudget withinKernelLimit(int most) {
        try (InputStream file = Files.newInputStream(KERNEL_LIMIT)) {
            // In one read: the kernel gives nothing from the second one on, and `readString` makes
            // the first one of a single byte.
            byte[] text = file.readNBytes(MAX_DIGITS);
            long kernel = Long.parseLong(new String(text, StandardCharsets.US_ASCII).strip());
            return of((int) Math.max(1, Math.min(most, kernel / 4 * 3)));
        } catch (IOException | NumberFormatException _) {
            return of(most); // the kernel does not tell
        }
    }

    /// How many there may be.
    int most() {
        return most;
    }

    /// Takes one mapping out of the budget.
    ///
    /// @throws RequestRejectedException `ENOSPC` if there is none left
    void take() {
        int now = taken.incrementAndGet();
        if (now > most) {
            taken.decrementAndGet();
            throw new RequestRejectedException(
                    Errno.ENOSPC,
                    "mappings of all clients: %d (expected: at most maxServerMaps, %d)"
                            .formatted(now, most));
        }
    }

    /// Puts one mapping back.
    void giveBack() {
        taken.decrementAndGet();
    }

    /// How many are taken.
    public int taken() {
        return taken.get();
    }
}
