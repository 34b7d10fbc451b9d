package io.vfiouser.server;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.vfiouser.server.observe.LoopStats;
import io.vfiouser.server.watch.Watchdog;
import java.util.ArrayList;
import java.util.List;

/// The event loops of a server, how much each has to do, and which is the next device's. Any thread
/// may use it.
///
/// A new device goes where there is least to do: the loop's share of a CPU, as measured over the
/// last second or longer, and for each device that came since then what a device takes on average.
/// Loops that poll take all of their CPU, so theirs is what they do beside the busiest of them.
final class Loops {
    /// What a device counts for that does nothing, so that those are spread too.
    private static final double IDLE_DEVICE = 0.0001;

    private final List<LoopLoad> loads;

    /// @param group all of them on Netty's epoll transport
    /// @param polling whether they never sleep
    Loops(EventLoopGroup group, Watchdog watchdog, boolean polling) {
        var all = new ArrayList<LoopLoad>();
        group.forEach(each -> {
            if (each instanceof EventLoop loop) {
                all.add(new LoopLoad(all.size(), loop, watchdog.watch(loop), polling));
            }
        });
        this.loads = List.copyOf(all);
    }

    /// The loop for a new device, which counts there from now on.
    synchronized LoopLoad place() {
        if (loads.size() > 1) {
            refresh();
        }
        LoopLoad least = leastLoaded(averageShare());
        least.add();
        return least;
    }

    private LoopLoad leastLoaded(double share) {
        LoopLoad least = loads.getFirst();
        double lowest = Double.POSITIVE_INFINITY;
        for (LoopLoad load : loads) {
            double weight = load.share() + load.added() * share + load.devices() * IDLE_DEVICE;
            if (weight < lowest) {
                least = load;
                lowest = weight;
            }
        }
        return least;
    }

    /// The loop with a number.
    ///
    /// @throws IllegalArgumentException if there is none
    LoopLoad at(int number) {
        if (number < 0 || number >= loads.size()) {
            throw new IllegalArgumentException(
                    "loop: " + number + " (expected: 0 to " + (loads.size() - 1) + ")");
        }
        return loads.get(number);
    }

    /// All of them, by number.
    synchronized List<LoopStats> stats() {
        refresh();
        return loads.stream().map(LoopLoad::stats).toList();
    }

    /// Looks at all of them at once, so that they can be compared.
    private void refresh() {
        long now = System.nanoTime();
        loads.forEach(load -> load.refresh(now));
        double most = loads.stream().mapToDouble(LoopLoad::callRate).max().orElse(0);
        loads.forEach(load -> load.compareTo(most));
    }

    private double averageShare() {
        double shares = loads.stream().mapToDouble(LoopLoad::share).sum();
        int devices = loads.stream().mapToInt(load -> load.devices() - load.added()).sum();
        return devices == 0 ? 0 : shares / devices;
    }
}
