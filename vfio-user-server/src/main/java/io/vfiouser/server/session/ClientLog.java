package io.vfiouser.server.session;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/// Lines about one device and its clients, so many a second: a client can cause as many as it
/// likes. Those left out are counted, and the next line that is not says how many. Any thread may
/// use it.
final class ClientLog {
    private static final long SECOND = 1_000_000_000;

    private final Logger log;
    private final String name;
    private final int perSecond;
    private final LongSupplier clock;
    private long secondStart;
    private int lines;
    private long leftOut;

    /// @param name of the device
    /// @param perSecond lines, at least 1
    /// @param clock nanoseconds, as [System#nanoTime]
    ClientLog(Logger log, String name, int perSecond, LongSupplier clock) {
        this.log = log;
        this.name = name;
        this.perSecond = perSecond;
        this.clock = clock;
        this.secondStart = clock.getAsLong();
    }

    /// Logs a line, or counts it.
    ///
    /// @param format as SLF4J has it
    void line(Level level, String format, @Nullable Object... arguments) {
        if (log.isEnabledForLevel(level) && admits()) {
            log.atLevel(level).log(format, arguments);
        }
    }

    /// Whether one more line may be logged now; if not, it is counted.
    synchronized boolean admits() {
        long now = clock.getAsLong();
        if (now - secondStart >= SECOND) {
            secondStart = now;
            lines = 0;
            if (leftOut > 0) {
                log.warn(
                        "[{}] {} lines left out (expected: at most maxLogLinesPerSecond, {})",
                        name,
                        leftOut,
                        perSecond);
                leftOut = 0;
            }
        }
        if (lines < perSecond) {
            lines++;
            return true;
        }
        leftOut++;
        return false;
    }
}
