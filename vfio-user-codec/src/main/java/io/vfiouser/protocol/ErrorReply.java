package io.vfiouser.protocol;

import io.vfiouser.os.Errno;
import java.util.Objects;

/// A reply that refuses: the header alone, with an errno.
///
/// @param errno why; goes into the error field of the header
public record ErrorReply(Errno errno) implements ServerReply, ClientReply {
    /// Checks that there is an errno.
    public ErrorReply {
        Objects.requireNonNull(errno, "errno");
    }
}
