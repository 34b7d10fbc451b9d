package io.vfiouser.protocol;

import io.netty.buffer.ByteBuf;
import java.util.Objects;

/// Gives migration data to the device (spec: "VFIO_USER_MIG_DATA_WRITE").
///
/// | field | offset | bytes |
/// |-------|--------|-------|
/// | argsz | 0      | 4     |
/// | size  | 4      | 4     |
/// | data  | 8      | size  |
///
/// The reply is an [EmptyReply].
///
/// @param data the bytes, owned by this request
public record MigDataWrite(ByteBuf data) implements ClientRequest, BulkMessage {
    /// Checks that there is a buffer.
    public MigDataWrite {
        Objects.requireNonNull(data, "data");
    }

    @Override
    public int commandId() {
        return Command.MIG_DATA_WRITE.id();
    }

    @Override
    public ByteBuf bulk() {
        return data;
    }
}
