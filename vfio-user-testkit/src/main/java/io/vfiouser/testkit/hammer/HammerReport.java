package io.vfiouser.testkit.hammer;

import java.time.Duration;
import java.util.Map;

/// What a server did under the hammer.
///
/// @param seed of the blows
/// @param steps how many blows
/// @param took how long all of it
/// @param blows by their names, what came of them
/// @param slowest the longest that an answer took
/// @param slowestBlow what it answered
/// @param before what the server held before
/// @param after what it held after, with no client
public record HammerReport(
        long seed,
        long steps,
        Duration took,
        Map<String, Outcomes> blows,
        Duration slowest,
        String slowestBlow,
        Holdings before,
        Holdings after) {
    /// Makes the map constant.
    public HammerReport {
        blows = Map.copyOf(blows);
    }

    /// What came of one kind of blow.
    ///
    /// @param done how many succeeded
    /// @param refused how many were refused, by the name of the errno
    public record Outcomes(long done, Map<String, Long> refused) {
        /// Makes the map constant.
        public Outcomes {
            refused = Map.copyOf(refused);
        }

        @Override
        public String toString() {
            var text = new StringBuilder("%,9d done".formatted(done));
            refused.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(entry ->
                            text.append(", %,d %s".formatted(entry.getValue(), entry.getKey())));
            return text.toString();
        }
    }

    /// What a server's process holds, as `/proc` tells.
    ///
    /// @param descriptors open files, -1 if it cannot be told
    /// @param mappings ranges of memory, -1 if it cannot be told
    public record Holdings(int descriptors, int mappings) {
        @Override
        public String toString() {
            return descriptors < 0
                    ? "unknown"
                    : descriptors + " descriptors, " + mappings + " mappings";
        }
    }

    /// The report as lines, the most frequent blows first.
    public String text() {
        var text = new StringBuilder();
        blows.entrySet().stream()
                .sorted(
                        Map.Entry.<String, Outcomes>comparingByValue(
                                        (one, other) -> Long.compare(other.done, one.done))
                                .thenComparing(Map.Entry.comparingByKey()))
                .forEach(entry ->
                        text.append("%-14s %s%n".formatted(entry.getKey(), entry.getValue())));
        return text.append("server: %s before, %s after%n".formatted(before, after))
                .append("slowest answer: %.1f ms, %s%n".formatted(millis(slowest), slowestBlow))
                .append(
                        "%,d blows of seed 0x%x in %.1f s%n"
                                .formatted(steps, seed, millis(took) / 1000))
                .toString();
    }

    private static double millis(Duration time) {
        return time.toNanos() / 1e6;
    }
}
