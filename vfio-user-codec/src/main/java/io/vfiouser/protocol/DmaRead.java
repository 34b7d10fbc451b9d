package io.vfiouser.protocol;

import io.netty.buffer.ByteBuf;
import java.util.Objects;

/// Reads client memory that the server cannot reach itself (spec: "VFIO_USER_DMA_READ").
///
/// | field   | offset | bytes |
/// |---------|--------|-------|
/// | address | 0      | 8     |
/// | count   | 8      | 8     |
///
/// @param address DMA address of the first byte
/// @param count bytes to read, at most the client's `max_data_xfer_size`
public record DmaRead(long address, long count) implements ServerRequest {
    @Override
    public int commandId() {
        return Command.DMA_READ.id();
    }

    /// What was read; the same 16 bytes, then the data.
    ///
    /// QEMU 10.1 sends a count of 4 bytes, so that the data start 4 bytes early and 4 zero bytes
    /// end the message. Such a reply is decoded like any other: the first 4 bytes of the data are
    /// then the upper half of `count`, the others the first bytes of `data`.
    ///
    /// @param address DMA address of the first byte, as the peer says
    /// @param count number of bytes, as the peer says
    /// @param data all bytes after the first 16, owned by this reply
    public record Reply(long address, long count, ByteBuf data)
            implements ClientReply, BulkMessage {
        /// Checks that there is a buffer.
        public Reply {
            Objects.requireNonNull(data, "data");
        }

        /// Whether the upper half of `count` is in use, which only the dialect with a narrow count
        /// does. If not, the reply can still be of that dialect, with data that start with 0.
        public boolean provesNarrowCount() {
            return count >>> 32 != 0;
        }

        @Override
        public ByteBuf bulk() {
            return data;
        }
    }
}
