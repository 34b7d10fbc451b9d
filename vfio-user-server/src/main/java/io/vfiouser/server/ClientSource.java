package io.vfiouser.server;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Where the clients of one device come from. Belongs to the loop.
interface ClientSource {
    /// Starts; the first client may come.
    ///
    /// @param opened completes when it can
    void open(CompletableFuture<@Nullable Void> opened);

    /// The last client is gone and released.
    void clientReleased();

    /// Nobody comes any more.
    void close();

    /// The path of the socket, if it has one.
    Optional<Path> path();
}
