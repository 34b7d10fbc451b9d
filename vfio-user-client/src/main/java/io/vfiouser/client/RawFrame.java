package io.vfiouser.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.MessageHeader;
import java.util.Objects;

/// One whole message as it came, header included, with its descriptors.
///
/// Whoever gets one closes it, which closes the descriptors that nobody took.
///
/// @param bytes the message; on the heap, need not be released
/// @param descriptors what came with it
public record RawFrame(ByteBuf bytes, FdBundle descriptors) implements AutoCloseable {
    /// Checks that both are there.
    public RawFrame {
        Objects.requireNonNull(bytes, "bytes");
        Objects.requireNonNull(descriptors, "descriptors");
    }

    /// The header.
    public MessageHeader header() {
        return MessageHeader.read(bytes, bytes.readerIndex());
    }

    /// The message in hex, two digits a byte.
    public String hex() {
        return ByteBufUtil.hexDump(bytes);
    }

    @Override
    public void close() {
        descriptors.close();
    }
}
