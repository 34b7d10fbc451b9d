package io.vfiouser.server.session;

import io.netty.channel.Channel;
import io.vfiouser.server.loop.DeviceLoop;
import io.vfiouser.server.loop.DeviceTimer;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Ends a session whose client has begun a message and does not go on with it. A timer runs only
/// while a message is incomplete; any byte that comes sets it back. Belongs to the loop.
final class MessageTimer {
    private final DeviceLoop loop;
    private final Channel channel;
    private final Duration limit;
    private final BooleanSupplier incomplete;
    private final Consumer<String> end;
    private @Nullable DeviceTimer timer;
    private long lastRead;

    /// @param incomplete whether the beginning of a message is there, and its end is not
    /// @param end ends the session, with the reason
    MessageTimer(
            DeviceLoop loop,
            Channel channel,
            Duration limit,
            BooleanSupplier incomplete,
            Consumer<String> end) {
        this.loop = loop;
        this.channel = channel;
        this.limit = limit;
        this.incomplete = incomplete;
        this.end = end;
    }

    /// Something was read.
    ///
    /// @return whether the next read shall be told too, as a message is not whole
    boolean read() {
        if (incomplete.getAsBoolean()) {
            lastRead = System.nanoTime();
            if (timer == null) {
                lookIn(limit.toNanos());
            }
        } else if (timer != null) {
            stop();
        }
        return timer != null;
    }

    /// The session has ended.
    void stop() {
        DeviceTimer pending = timer;
        timer = null;
        if (pending != null) {
            pending.cancel();
        }
    }

    private void lookIn(long nanos) {
        timer = loop.schedule(this::look, nanos);
    }

    private void look() {
        timer = null;
        if (!incomplete.getAsBoolean()) {
            return;
        }
        if (!channel.config().isAutoRead()) {
            lastRead = System.nanoTime(); // we are the ones who do not go on
        }
        long left = limit.toNanos() - (System.nanoTime() - lastRead);
        if (left > 0) {
            lookIn(left);
        } else {
            end.accept("the rest of a message has not come within messageTimeout, " + limit);
        }
    }
}
