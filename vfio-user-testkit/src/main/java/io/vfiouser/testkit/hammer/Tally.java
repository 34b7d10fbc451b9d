package io.vfiouser.testkit.hammer;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Counts blows and keeps the last ones.
final class Tally {
    private static final int KEPT = 20;

    private final Map<String, Long> done = new TreeMap<>();
    private final Map<String, Map<String, Long>> refused = new TreeMap<>();
    private final Deque<String> last = new ArrayDeque<>();
    private long slowest;
    private String slowestBlow = "none";

    /// A blow begins.
    void begin(String blow) {
        if (last.size() == KEPT) {
            last.removeFirst();
        }
        last.addLast(blow);
    }

    /// What the current blow is in detail.
    void detail(String detail) {
        last.addLast(last.removeLast() + " " + detail);
    }

    void done(String blow, long nanos) {
        done.merge(blow, 1L, Long::sum);
        time(nanos);
    }

    void refused(String blow, String errno, long nanos) {
        refused.computeIfAbsent(blow, _ -> new TreeMap<>()).merge(errno, 1L, Long::sum);
        time(nanos);
        detail("-> " + errno);
    }

    List<String> last() {
        return List.copyOf(last);
    }

    Duration slowest() {
        return Duration.ofNanos(slowest);
    }

    String slowestBlow() {
        return slowestBlow;
    }

    Map<String, HammerReport.Outcomes> outcomes() {
        var all = new HashMap<String, HammerReport.Outcomes>();
        done.forEach((blow, count) ->
                all.put(
                        blow,
                        new HammerReport.Outcomes(count, refused.getOrDefault(blow, Map.of()))));
        refused.forEach(
                (blow, errnos) -> all.putIfAbsent(blow, new HammerReport.Outcomes(0, errnos)));
        return all;
    }

    private void time(long nanos) {
        if (nanos > slowest) {
            slowest = nanos;
            slowestBlow = last.getLast();
        }
    }
}
