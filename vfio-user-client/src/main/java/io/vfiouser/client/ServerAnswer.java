package io.vfiouser.client;

import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.ServerReply;
import java.util.Objects;

/// A reply as it came, error replies included, with its descriptors.
///
/// Whoever gets one closes it, which closes the descriptors that nobody took.
///
/// @param reply the reply; data that it carries lie on the heap and need not be released
/// @param descriptors what came with it; single ones can be taken out
public record ServerAnswer(ServerReply reply, FdBundle descriptors) implements AutoCloseable {
    /// Checks that both are there.
    public ServerAnswer {
        Objects.requireNonNull(reply, "reply");
        Objects.requireNonNull(descriptors, "descriptors");
    }

    @Override
    public void close() {
        descriptors.close();
    }
}
