package io.vfiouser.transport;

import io.netty.channel.DefaultSelectStrategyFactory;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SelectStrategy;
import io.netty.channel.SelectStrategyFactory;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.vfiouser.os.Platform;
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
public record EventLoops(int count, String threadName, boolean daemon, boolean busyPoll) {
    private static final SelectStrategyFactory BUSY =
            () -> (selectNow, hasTasks) -> hasTasks ? selectNow.get() : SelectStrategy.BUSY_WAIT;

    /// Checks the count.
    public EventLoops {
        Objects.requireNonNull(threadName, "threadName");
        if (count < 1) {
            throw new IllegalArgumentException("count: " + count + " (expected: at least 1)");
        }
    }

    /// Loops that sleep when idle, on non-daemon threads named `vfio-user`.
    public static EventLoops of(int count) {
        return new EventLoops(count, "vfio-user", false, false);
    }

    /// The same with another name of the threads.
    public EventLoops named(String name) {
        return new EventLoops(count, name, daemon, busyPoll);
    }

    /// The same on threads that let the JVM end while they run, or not.
    public EventLoops daemon(boolean enabled) {
        return new EventLoops(count, threadName, enabled, busyPoll);
    }

    /// The same with loops that never sleep, or do.
    public EventLoops busyPoll(boolean enabled) {
        return new EventLoops(count, threadName, daemon, enabled);
    }

    /// Starts the loops. The caller ends them with `shutdownGracefully`.
    ///
    /// @throws IllegalStateException if this platform is not supported, see [Platform]
    public IoEventLoopGroup start() {
        Platform.ensureSupported();
        return new MultiThreadIoEventLoopGroup(
                count,
                new DefaultThreadFactory(threadName, daemon),
                EpollIoHandler.newFactory(
                        0, busyPoll ? BUSY : DefaultSelectStrategyFactory.INSTANCE));
    }
}
