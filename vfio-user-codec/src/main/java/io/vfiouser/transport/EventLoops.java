package io.vfiouser.transport;

import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SelectStrategy;
import io.netty.channel.SelectStrategyFactory;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.vfiouser.os.Platform;
import java.time.Duration;
import java.util.Objects;

/// How many event loops to start, and how they wait.
///
/// Only for programs that have no group of Netty's epoll transport yet; the channels of this
/// package join any such group.
///
/// @param count loops, each with a thread of its own, at least 1
/// @param threadName name of the threads, to which numbers are added
/// @param daemon whether the threads let the JVM end while they run
/// @param busyPoll whether a loop without work keeps asking instead of sleeping: it answers some 10
///   µs earlier, and takes a whole CPU all the time
/// @param spin how long a loop keeps asking after its last event before it sleeps, zero to sleep at
///   once; without effect with `busyPoll`
public record EventLoops(
        int count, String threadName, boolean daemon, boolean busyPoll, Duration spin) {
    private static final SelectStrategyFactory BUSY =
            () -> (selectNow, hasTasks) -> hasTasks ? selectNow.get() : SelectStrategy.BUSY_WAIT;

    /// Checks the count.
    public EventLoops {
        Objects.requireNonNull(threadName, "threadName");
        if (count < 1) {
            throw new IllegalArgumentException("count: " + count + " (expected: at least 1)");
        }
        if (spin.isNegative()) {
            throw new IllegalArgumentException("spin: " + spin + " (expected: zero or more)");
        }
    }

    /// Loops that sleep when idle, on non-daemon threads named `vfio-user`.
    public static EventLoops of(int count) {
        return new EventLoops(count, "vfio-user", false, false, Duration.ZERO);
    }

    /// The same with another name of the threads.
    public EventLoops named(String name) {
        return new EventLoops(count, name, daemon, busyPoll, spin);
    }

    /// The same on threads that let the JVM end while they run, or not.
    public EventLoops daemon(boolean enabled) {
        return new EventLoops(count, threadName, enabled, busyPoll, spin);
    }

    /// The same with loops that never sleep, or do.
    public EventLoops busyPoll(boolean enabled) {
        return new EventLoops(count, threadName, daemon, enabled, spin);
    }

    /// The same with another [#spin()]. A loop that spins answers a client that asks again within
    /// that time without being woken, and takes a whole CPU while clients are at work.
    public EventLoops spin(Duration time) {
        return new EventLoops(count, threadName, daemon, busyPoll, time);
    }

    /// Starts the loops. The caller ends them with `shutdownGracefully`.
    ///
    /// @throws IllegalStateException if this platform is not supported, see [Platform]
    public IoEventLoopGroup start() {
        Platform.ensureSupported();
        return new MultiThreadIoEventLoopGroup(
                count, new DefaultThreadFactory(threadName, daemon), handlers());
    }

    private IoHandlerFactory handlers() {
        if (busyPoll) {
            return EpollIoHandler.newFactory(0, BUSY);
        }
        IoHandlerFactory epoll = EpollIoHandler.newFactory();
        return executor -> new LoopHandler(epoll.newHandler(executor), spin.toNanos());
    }
}
