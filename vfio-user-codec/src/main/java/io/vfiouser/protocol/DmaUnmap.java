package io.vfiouser.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Objects;

/// Withdraws client memory (spec: "VFIO_USER_DMA_UNMAP").
///
/// | field            | offset | bytes |                          |
/// |------------------|--------|-------|--------------------------|
/// | argsz            | 0      | 4     |                          |
/// | flags            | 4      | 4     |                          |
/// | address          | 8      | 8     |                          |
/// | size             | 16     | 8     |                          |
/// | bitmap page size | 24     | 8     | only with [#GET_BITMAP]  |
/// | bitmap bytes     | 32     | 8     | only with [#GET_BITMAP]  |
///
/// @param argsz bytes of the largest reply payload the client takes, as an unsigned 32-bit number
/// @param flags 0, [#GET_BITMAP] or [#ALL]; other values are for the handler to refuse
/// @param address DMA address of the region; 0 with [#ALL]
/// @param size bytes of the region; 0 with [#ALL]
/// @param bitmapPageSize bytes that one bit of the bitmap stands for; 0 without [#GET_BITMAP]
/// @param bitmapSize bytes of the bitmap; 0 without [#GET_BITMAP]
public record DmaUnmap(
        long argsz, int flags, long address, long size, long bitmapPageSize, long bitmapSize)
        implements ClientRequest {
    /// Flag: also return which pages of the region are dirty.
    public static final int GET_BITMAP = 1;

    /// Flag: withdraw all memory.
    public static final int ALL = 2;

    /// Checks that `argsz` fits, and that there are bitmap fields only with [#GET_BITMAP].
    public DmaUnmap {
        Checks.u32("argsz", argsz);
        if ((flags & GET_BITMAP) == 0 && (bitmapPageSize != 0 || bitmapSize != 0)) {
            throw new IllegalArgumentException(
                    "bitmapPageSize: "
                            + bitmapPageSize
                            + ", bitmapSize: "
                            + bitmapSize
                            + " (expected: 0 without GET_BITMAP)");
        }
    }

    /// Withdraws the region of `size` bytes at `address`.
    public static DmaUnmap region(long address, long size) {
        return new DmaUnmap(WireFormat.DMA_UNMAP_SIZE, 0, address, size, 0, 0);
    }

    /// Withdraws all regions.
    public static DmaUnmap everything() {
        return new DmaUnmap(WireFormat.DMA_UNMAP_SIZE, ALL, 0, 0, 0, 0);
    }

    @Override
    public int commandId() {
        return Command.DMA_UNMAP.id();
    }

    /// The request echoed, with the dirty bitmap if it was asked for.
    ///
    /// The bitmap has one bit per page, lowest bit first, and is padded to a multiple of 8 bytes.
    ///
    /// @param argsz as in the request
    /// @param flags as in the request
    /// @param address as in the request
    /// @param size as in the request
    /// @param bitmapPageSize as in the request; 0 without [#GET_BITMAP]
    /// @param bitmap the dirty bitmap, owned by this reply; empty without [#GET_BITMAP]
    public record Reply(
            long argsz, int flags, long address, long size, long bitmapPageSize, ByteBuf bitmap)
            implements ServerReply, BulkMessage {
        /// Checks that `argsz` fits, and that there is a bitmap only with [#GET_BITMAP].
        public Reply {
            Checks.u32("argsz", argsz);
            Objects.requireNonNull(bitmap, "bitmap");
            if ((flags & GET_BITMAP) == 0 && (bitmapPageSize != 0 || bitmap.isReadable())) {
                throw new IllegalArgumentException(
                        "bitmap: "
                                + bitmap.readableBytes()
                                + " bytes, bitmapPageSize: "
                                + bitmapPageSize
                                + " (expected: 0 without GET_BITMAP)");
            }
        }

        /// The reply to a request that wants no bitmap.
        public static Reply to(DmaUnmap request) {
            return new Reply(
                    request.argsz,
                    request.flags,
                    request.address,
                    request.size,
                    0,
                    Unpooled.EMPTY_BUFFER);
        }

        /// The reply to a request that wants a bitmap; takes over `bitmap`.
        public static Reply to(DmaUnmap request, ByteBuf bitmap) {
            return new Reply(
                    request.argsz,
                    request.flags,
                    request.address,
                    request.size,
                    request.bitmapPageSize,
                    bitmap);
        }

        @Override
        public ByteBuf bulk() {
            return bitmap;
        }
    }
}
