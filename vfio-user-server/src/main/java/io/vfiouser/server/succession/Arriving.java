package io.vfiouser.server.succession;

import io.vfiouser.server.image.Image;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A device that is to go on here. Any thread may call.
public interface Arriving {
    /// What it looks like.
    String shape();

    /// Puts it in place, unseen by its client.
    ///
    /// @param image owned by this call
    /// @return completes when [#begin] may be called, or with why it may not
    CompletableFuture<@Nullable Void> install(Image image);

    /// Lets it run; there is no way back.
    ///
    /// @return completes with whether a client came along
    CompletableFuture<Boolean> begin();

    /// It does not go on here: closes what is here, unseen by its client.
    void discard();
}
