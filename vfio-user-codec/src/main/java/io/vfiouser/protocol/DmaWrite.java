package io.vfiouser.protocol;

import io.netty.buffer.ByteBuf;
import java.util.Objects;

/// Writes client memory that the server cannot reach itself (spec: "VFIO_USER_DMA_WRITE").
///
/// | field   | offset | bytes |
/// |---------|--------|-------|
/// | address | 0      | 8     |
/// | count   | 8      | 8     |
/// | data    | 16     | count |
///
/// @param address DMA address of the first byte
/// @param data the bytes to write, at most the client's `max_data_xfer_size`; owned by this request
public record DmaWrite(long address, ByteBuf data) implements ServerRequest, BulkMessage {
    /// Checks that there is a buffer.
    public DmaWrite {
        Objects.requireNonNull(data, "data");
    }

    /// The number of bytes to write.
    public int count() {
        return data.readableBytes();
    }

    @Override
    public int commandId() {
        return Command.DMA_WRITE.id();
    }

    @Override
    public ByteBuf bulk() {
        return data;
    }

    /// How much was written; the same 16 bytes without data. Replies with a count of 4 bytes are
    /// read as well; QEMU 10.1 sends an [EmptyReply].
    ///
    /// @param address DMA address of the first byte
    /// @param count number of bytes that were written
    public record Reply(long address, long count) implements ClientReply {}
}
