package io.vfiouser.server.options;

import io.netty.channel.EventLoopGroup;
import io.vfiouser.server.observe.ServerListener;
import java.util.Objects;
import java.util.Optional;

/// How a server runs.
///
/// @param eventLoops loops of the server's own; 1 to 1024. Each device stays on one of them.
/// @param eventLoopGroup the caller's loops, to be used instead of own ones; they must run on
///   Netty's epoll transport, and stay the caller's to shut down
/// @param busyPoll whether own loops poll without sleeping: the shortest latency, for a whole CPU
///   each
/// @param limits what each client may use
/// @param listener is told what happens
public record ServerOptions(
        int eventLoops,
        Optional<EventLoopGroup> eventLoopGroup,
        boolean busyPoll,
        Limits limits,
        ServerListener listener) {
    /// Checks the fields.
    public ServerOptions {
        Objects.requireNonNull(eventLoopGroup, "eventLoopGroup");
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(listener, "listener");
        if (eventLoops < 1 || eventLoops > 1024) {
            throw new IllegalArgumentException(
                    "eventLoops: " + eventLoops + " (expected: 1 to 1024)");
        }
    }

    /// One loop of its own that sleeps when idle, the default limits, nobody listening.
    public static ServerOptions defaults() {
        return new ServerOptions(
                1, Optional.empty(), false, Limits.defaults(), ServerListener.NONE);
    }

    /// The same options with `count` loops.
    public ServerOptions withEventLoops(int count) {
        return new ServerOptions(count, eventLoopGroup, busyPoll, limits, listener);
    }

    /// The same options on the caller's loops.
    public ServerOptions withEventLoopGroup(EventLoopGroup group) {
        return new ServerOptions(eventLoops, Optional.of(group), busyPoll, limits, listener);
    }

    /// The same options with busy-polling loops, or sleeping ones.
    public ServerOptions withBusyPoll(boolean polls) {
        return new ServerOptions(eventLoops, eventLoopGroup, polls, limits, listener);
    }

    /// The same options with other limits.
    public ServerOptions withLimits(Limits other) {
        return new ServerOptions(eventLoops, eventLoopGroup, busyPoll, other, listener);
    }

    /// The same options with a listener.
    public ServerOptions withListener(ServerListener other) {
        return new ServerOptions(eventLoops, eventLoopGroup, busyPoll, limits, other);
    }
}
