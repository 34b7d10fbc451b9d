package io.vfiouser.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.os.PeerDescriptors;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/// Which descriptors this process has open, whatever their numbers.
public final class OpenDescriptors {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration POLL = Duration.ofMillis(5);

    private static final String TIMER = "anon_inode:[timerfd]";

    private OpenDescriptors() {}

    /// As [#byKind()], once what peers have left behind is closed.
    public static Map<String, Integer> settled() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (PeerDescriptors.pending() > 0 && System.nanoTime() < deadline) {
            LockSupport.parkNanos(POLL.toNanos());
        }
        return byKind();
    }

    /// Waits until there are as many of each kind as before.
    public static void awaitByKind(Map<String, Integer> before) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!settled().equals(before) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(POLL.toNanos());
        }
        assertThat(byKind()).isEqualTo(before);
    }

    /// How many there are of each kind: sockets, eventfds, pipes, memory of each name. Timers are
    /// left out: each loop opens one when it first has something to wait for, such as the rest of a
    /// message, and clients have none.
    public static Map<String, Integer> byKind() {
        var kinds = new TreeMap<String, Integer>();
        for (String target : NoDescriptorLeaks.openDescriptors().values()) {
            if (!target.equals(TIMER)) {
                kinds.merge(target.replaceAll("\\d", ""), 1, Integer::sum);
            }
        }
        return kinds;
    }
}
