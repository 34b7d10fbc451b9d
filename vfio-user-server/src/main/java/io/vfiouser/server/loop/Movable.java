package io.vfiouser.server.loop;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// What is registered with the event loop of a device, such as its sockets.
public interface Movable {
    /// Leaves the loop, on its thread: nothing of it comes to the loop any more once this is done.
    ///
    /// @return completes on the same thread
    CompletableFuture<@Nullable Void> leave();

    /// Goes on, on the thread of the device's loop as it is now.
    void join();
}
