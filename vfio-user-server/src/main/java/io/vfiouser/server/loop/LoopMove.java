package io.vfiouser.server.loop;

import io.vfiouser.transport.VfioUserChannel;

/// How a channel goes from one event loop to another.
public final class LoopMove {
    private LoopMove() {}

    /// Takes a channel off its loop, on that loop's thread. Nothing is read or sent until [#join].
    ///
    /// @param then called on the same thread when nothing of the channel comes there any more
    public static void leave(VfioUserChannel channel, Runnable then) {
        channel.suspend();
        channel.deregister().addListener(_ -> then.run());
    }

    /// Opens a channel on the loop where the device is now, on its thread. One that was closed on
    /// the way is told to have ended.
    public static void join(DeviceLoop loop, VfioUserChannel channel) {
        if (!channel.isOpen()) {
            channel.pipeline().fireChannelInactive();
            return;
        }
        loop.register(channel)
                .addListener(registered -> {
                    if (!registered.isSuccess()) {
                        channel.unsafe().closeForcibly();
                        channel.pipeline().fireChannelInactive();
                    }
                });
        channel.resume();
    }
}
