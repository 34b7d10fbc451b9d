package io.vfiouser.protocol;

import io.netty.buffer.ByteBuf;
import java.util.Objects;

/// A reply whose payload is bytes that are laid out already. Only the legacy dialect has such.
///
/// @param payload all bytes after the header, owned by this reply
public record PayloadReply(ByteBuf payload) implements ServerReply, BulkMessage {
    /// Checks that there is a buffer.
    public PayloadReply {
        Objects.requireNonNull(payload, "payload");
    }

    @Override
    public ByteBuf bulk() {
        return payload;
    }
}
