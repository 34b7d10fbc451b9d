package io.vfiouser.transport;

import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.vfiouser.os.CpuAffinity;
import io.vfiouser.os.NativeCallException;
import io.vfiouser.os.Platform;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// How many event loops to start, and how they wait.
///
/// Only for programs that have no group of Netty's epoll transport yet; the channels of this
/// package join any such group.
///
/// @param count loops, each with a thread of its own, at least 1
/// @param threadName name of the threads, to which numbers are added
/// @param daemon whether the threads let the JVM end while they run
/// @param busyPoll how long a loop without work keeps asking before it sleeps
/// @param cpus the CPUs to keep the loops on, one each; empty to leave that to the kernel. With
///   fewer CPUs than loops they are shared
public record EventLoops(
        int count, String threadName, boolean daemon, BusyPoll busyPoll, List<Integer> cpus) {
    /// Checks the count.
    public EventLoops {
        Objects.requireNonNull(threadName, "threadName");
        Objects.requireNonNull(busyPoll, "busyPoll");
        cpus = List.copyOf(cpus);
        if (count < 1) {
            throw new IllegalArgumentException("count: " + count + " (expected: at least 1)");
        }
    }

    /// Loops that sleep when idle, on non-daemon threads named `vfio-user`.
    public static EventLoops of(int count) {
        return new EventLoops(count, "vfio-user", false, BusyPoll.NEVER, List.of());
    }

    /// The same with another name of the threads.
    public EventLoops named(String name) {
        return new EventLoops(count, name, daemon, busyPoll, cpus);
    }

    /// The same on threads that let the JVM end while they run, or not.
    public EventLoops daemon(boolean enabled) {
        return new EventLoops(count, threadName, enabled, busyPoll, cpus);
    }

    /// The same with loops that keep asking for another time.
    public EventLoops busyPoll(BusyPoll time) {
        return new EventLoops(count, threadName, daemon, time, cpus);
    }

    /// The same with each loop kept on one of these CPUs. A loop that is never moved keeps its
    /// caches, and one that polls disturbs only who shares its CPU.
    public EventLoops cpus(List<Integer> numbers) {
        return new EventLoops(count, threadName, daemon, busyPoll, numbers);
    }

    /// Starts the loops. The caller ends them with `shutdownGracefully`.
    ///
    /// @throws IllegalStateException if this platform is not supported, see [Platform]
    /// @throws IllegalArgumentException for a CPU that there is none, or that this process may not
    ///   use
    public IoEventLoopGroup start() {
        Platform.ensureSupported();
        var group =
                new MultiThreadIoEventLoopGroup(
                        count, new DefaultThreadFactory(threadName, daemon), handlers());
        if (!cpus.isEmpty()) {
            pin(group);
        }
        return group;
    }

    private void pin(IoEventLoopGroup group) {
        try {
            int next = 0;
            for (EventExecutor loop : group) {
                pin(loop, cpus.get(next++ % cpus.size()));
            }
        } catch (RuntimeException e) {
            var _ = group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw e;
        }
    }

    private static void pin(EventExecutor loop, int cpu) {
        try {
            loop.submit(() -> CpuAffinity.pinCurrentThread(cpu)).syncUninterruptibly();
        } catch (NativeCallException e) {
            throw new IllegalArgumentException(
                    "cpus: %d: %s (expected: CPUs that this process may use%s)"
                            .formatted(
                                    cpu,
                                    e.errno().text(),
                                    CpuAffinity.allowed().map(list -> ", " + list).orElse("")),
                    e);
        }
    }

    private IoHandlerFactory handlers() {
        IoHandlerFactory epoll = EpollIoHandler.newFactory();
        return executor -> new LoopHandler(epoll.newHandler(executor), busyPoll.nanos());
    }
}
