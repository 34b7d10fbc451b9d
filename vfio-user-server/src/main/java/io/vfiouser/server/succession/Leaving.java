package io.vfiouser.server.succession;

import io.vfiouser.server.image.Image;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A device that may go on in another process. Any thread may call.
public interface Leaving {
    /// Under what name it is served.
    String name();

    /// Where clients connect, if that has a path.
    Optional<String> path();

    /// What the device looks like, and why it has to stay, if it has to.
    CompletableFuture<Passport> passport();

    /// Stops it.
    ///
    /// @return what the other process needs, or why the device cannot go; [#thaw] follows then
    CompletableFuture<Image> freeze();

    /// It goes on here.
    void thaw();

    /// It has gone: closes what is here.
    ///
    /// @return completes when that is done
    CompletableFuture<@Nullable Void> letGo();

    /// What is known of a device before it stops.
    ///
    /// @param shape what a device in its place must look like
    /// @param staysBecause why it cannot go, if that is so
    record Passport(String shape, Optional<String> staysBecause) {}
}
