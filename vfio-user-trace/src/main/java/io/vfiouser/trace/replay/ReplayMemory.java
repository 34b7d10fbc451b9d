package io.vfiouser.trace.replay;

import io.netty.buffer.ByteBuf;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.codec.MessageDecoder;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.FileStatus;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.trace.SentDescriptor;
import io.vfiouser.trace.TracedMessage;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// Makes the descriptors of a recorded client anew: memory, eventfds. One thread at a time.
final class ReplayMemory implements AutoCloseable {
    /// Bytes of one file, which takes up room only where it is written.
    private static final long MAX_FILE = 1L << 40;

    private static final int MAX_FILES = 4096;
    private static final long PAGE = 4096;

    private final List<Mapped> mapped = new ArrayList<>();
    private final List<SharedMemory> files = new ArrayList<>();

    /// Descriptors of the kinds that went with a message, for the message that is sent again.
    FdBundle descriptorsFor(TracedMessage message) {
        var fds = new ArrayList<FileDescriptor>();
        try {
            for (SentDescriptor sent : message.descriptors()) {
                if (sent.kind() == FileStatus.Kind.ANONYMOUS) {
                    fds.add(eventFd());
                } else {
                    fds.add(memory(message, sent).duplicate());
                }
            }
            return FdBundle.ofOwned(fds);
        } catch (Throwable thrown) {
            FdBundle.ofOwned(fds).close();
            throw thrown;
        }
    }

    /// Puts contents where the client had them; what no memory is mapped for is left out.
    void write(long iova, ByteBuf bytes) {
        byte[] contents = new byte[bytes.readableBytes()];
        bytes.getBytes(bytes.readerIndex(), contents);
        mapped.stream()
                .filter(region -> region.covers(iova, contents.length))
                .reduce((_, latest) -> latest)
                .ifPresent(region ->
                        region.memory
                                .segment()
                                .asSlice(region.offset + (iova - region.iova), contents.length)
                                .copyFrom(MemorySegment.ofArray(contents)));
    }

    @Override
    public void close() {
        files.forEach(SharedMemory::close);
    }

    private static FileDescriptor eventFd() {
        try (var made = EventFd.create()) {
            return Descriptors.duplicate(made.fd());
        }
    }

    private SharedMemory memory(TracedMessage message, SentDescriptor sent) {
        if (files.size() >= MAX_FILES) {
            throw new ReplayException(
                    "files of client memory: more than " + MAX_FILES + " (expected: fewer)");
        }
        long size = Math.max(PAGE, Math.min(sent.size(), MAX_FILE));
        var memory = SharedMemory.create("replay", size);
        files.add(memory);
        if (message.dialect() == Dialect.CURRENT
                && MessageHeader.commandId(message.bytes(), message.bytes().readerIndex())
                        == Command.DMA_MAP.id()) {
            try {
                if (MessageDecoder.clientRequest(message.bytes()) instanceof DmaMap map
                        && map.offset() >= 0
                        && map.size() > 0
                        && map.offset() <= size - map.size()) {
                    mapped.add(new Mapped(map.address(), map.size(), map.offset(), memory));
                }
            } catch (RequestRejectedException _) {
                // The recorded client made a mistake, which is sent as it was.
            }
        }
        return memory;
    }

    private record Mapped(long iova, long size, long offset, SharedMemory memory) {
        boolean covers(long address, long count) {
            long at = address - iova;
            return at >= 0 && count <= size && at <= size - count;
        }
    }
}
