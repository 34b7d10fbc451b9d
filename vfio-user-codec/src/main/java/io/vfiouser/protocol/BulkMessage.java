package io.vfiouser.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCounted;
import org.jspecify.annotations.Nullable;

/// A message that owns a buffer with bulk data and is counted by reference through it.
///
/// Whoever gets such a message from a decoder releases it once; the encoder copies from it and does
/// not release it. Release of a message that happens to carry no data does nothing.
public sealed interface BulkMessage extends ReferenceCounted
        permits DmaUnmap.Reply,
                RegionRead.Reply,
                RegionWrite,
                DmaRead.Reply,
                DmaWrite,
                DeviceFeature.Reply,
                MigDataRead.Reply,
                MigDataWrite,
                PayloadReply {
    /// The bulk data: the readable bytes of this buffer. Empty if there is none.
    ByteBuf bulk();

    @Override
    default int refCnt() {
        return bulk().refCnt();
    }

    @Override
    default BulkMessage retain() {
        bulk().retain();
        return this;
    }

    @Override
    default BulkMessage retain(int increment) {
        bulk().retain(increment);
        return this;
    }

    @Override
    default BulkMessage touch() {
        bulk().touch();
        return this;
    }

    @Override
    default BulkMessage touch(@Nullable Object hint) {
        bulk().touch(hint);
        return this;
    }

    @Override
    default boolean release() {
        return bulk().release();
    }

    @Override
    default boolean release(int decrement) {
        return bulk().release(decrement);
    }
}
