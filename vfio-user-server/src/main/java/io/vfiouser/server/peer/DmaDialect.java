package io.vfiouser.server.peer;

import io.netty.buffer.ByteBuf;
import io.vfiouser.protocol.WireFormat;
import java.lang.foreign.MemorySegment;

/// How a client lays out what belongs to DMA_READ and DMA_WRITE.
///
/// Both kinds of message have the same length in both dialects. What differs is where the data are,
/// and what answers a DMA_WRITE.
enum DmaDialect {
    /// The specification's: a count of 8 bytes, then the data.
    WIDE(16),

    /// That of QEMU 10.1 and later: a count of 4 bytes, then the data, then 4 bytes that mean
    /// nothing. A DMA_WRITE is answered by a header only.
    NARROW(12);

    private static final int PAYLOAD = WireFormat.DATA_OVERHEAD - WireFormat.HEADER_SIZE;
    private static final int COUNT_AT = Long.BYTES;

    private final int dataAt;

    DmaDialect(int dataAt) {
        this.dataAt = dataAt;
    }

    /// What a client speaks that has answered a DMA_WRITE of no bytes.
    ///
    /// @param reply the whole message, no error
    static DmaDialect ofProbe(ByteBuf reply) {
        return reply.readableBytes() == WireFormat.HEADER_SIZE ? NARROW : WIDE;
    }

    /// Whether a reply to DMA_READ has data where the wide dialect has the upper half of the count,
    /// which is zero.
    static boolean isSurelyNarrow(ByteBuf reply) {
        int upperHalf = WireFormat.HEADER_SIZE + COUNT_AT + Integer.BYTES;
        return reply.readableBytes() >= WireFormat.DATA_OVERHEAD
                && reply.getIntLE(reply.readerIndex() + upperHalf) != 0;
    }

    /// Appends the payload of a request.
    ///
    /// @param count of DMA_READ, at least 0
    void writeRequest(ByteBuf out, long address, int count) {
        out.writeLongLE(address);
        out.writeLongLE(count);
    }

    /// Appends the payload of a request.
    ///
    /// @param data of DMA_WRITE; may be empty
    void writeRequest(ByteBuf out, long address, MemorySegment data) {
        out.writeLongLE(address);
        out.writeIntLE((int) data.byteSize());
        out.writeZero(dataAt - COUNT_AT - Integer.BYTES);
        out.writeBytes(data.asByteBuffer());
        out.writeZero(PAYLOAD - dataAt);
    }

    /// The count of a reply with at least 16 bytes of payload.
    long count(ByteBuf reply) {
        int at = reply.readerIndex() + WireFormat.HEADER_SIZE + COUNT_AT;
        return this == WIDE ? reply.getLongLE(at) : reply.getUnsignedIntLE(at);
    }

    /// Copies the data of a reply to DMA_READ.
    void readData(ByteBuf reply, MemorySegment into) {
        int at = reply.readerIndex() + WireFormat.HEADER_SIZE + dataAt;
        reply.getBytes(at, into.asByteBuffer());
    }
}
