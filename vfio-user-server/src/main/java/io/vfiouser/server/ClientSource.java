package io.vfiouser.server;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.server.loop.Movable;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Where the clients of one device come from. Belongs to the loop.
interface ClientSource extends Movable {
    /// Nobody comes at all.
    ClientSource NONE =
            new ClientSource() {
                @Override
                public void open(CompletableFuture<@Nullable Void> opened) {
                    opened.complete(null);
                }

                @Override
                public void clientReleased() {}

                @Override
                public void suspend() {}

                @Override
                public void resume() {}

                @Override
                public CompletableFuture<@Nullable Void> leave() {
                    return CompletableFuture.completedFuture(null);
                }

                @Override
                public void join() {}

                @Override
                public Optional<FileDescriptor> listening() {
                    return Optional.empty();
                }

                @Override
                public void letGo(boolean hadClient) {}

                @Override
                public void close() {}

                @Override
                public Optional<Path> path() {
                    return Optional.empty();
                }
            };

    /// Starts; the first client may come.
    ///
    /// @param opened completes when it can
    void open(CompletableFuture<@Nullable Void> opened);

    /// The last client is gone and released.
    void clientReleased();

    /// Lets whoever comes wait, as the device may go on in another process.
    void suspend();

    /// Takes clients again after [#suspend].
    void resume();

    /// The listening socket, if there is one; stays here.
    Optional<FileDescriptor> listening();

    /// Another process has the socket now: closes what is here, and leaves the socket's file.
    ///
    /// @param hadClient whether one has gone along
    void letGo(boolean hadClient);

    /// Nobody comes any more.
    void close();

    /// The path of the socket, if it has one.
    Optional<Path> path();
}
