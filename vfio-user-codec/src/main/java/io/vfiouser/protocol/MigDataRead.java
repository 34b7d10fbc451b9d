package io.vfiouser.protocol;

import io.netty.buffer.ByteBuf;
import java.util.Objects;

/// Takes migration data from the device (spec: "VFIO_USER_MIG_DATA_READ").
///
/// | field | offset | bytes |
/// |-------|--------|-------|
/// | argsz | 0      | 4     |
/// | size  | 4      | 4     |
///
/// @param argsz bytes of the largest reply payload the client takes, at least 8 + size
/// @param size bytes wanted
public record MigDataRead(long argsz, int size) implements ClientRequest {
    /// Checks the ranges.
    public MigDataRead {
        Checks.u32("argsz", argsz);
        Checks.notNegative("size", size);
    }

    /// Asks for `size` bytes.
    public MigDataRead(int size) {
        this(WireFormat.MIG_DATA_SIZE + (long) size, size);
    }

    @Override
    public int commandId() {
        return Command.MIG_DATA_READ.id();
    }

    /// The data; same layout, then the bytes. Fewer than asked for end the stream.
    ///
    /// @param data the bytes, owned by this reply
    public record Reply(ByteBuf data) implements ServerReply, BulkMessage {
        /// Checks that there is a buffer.
        public Reply {
            Objects.requireNonNull(data, "data");
        }

        @Override
        public ByteBuf bulk() {
            return data;
        }
    }
}
