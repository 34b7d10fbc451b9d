package io.vfiouser.trace.capture;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vfiouser.codec.MessageDecoder;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.FileStatus;
import io.vfiouser.os.Mapping;
import io.vfiouser.os.MemoryFaults;
import io.vfiouser.os.NativeCallException;
import io.vfiouser.os.Protection;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.Command.Direction;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.DmaUnmap;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.server.observe.TappedMessage;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds out what changes in client memory, by comparing it with a copy, page by page.
///
/// Maps what the clients' DMA_MAPs make known, for reading, up to a number of bytes for all of
/// them; what is beyond is left out, and so are tables of the legacy dialect. Each client of a
/// proxy has its own memory, at the same addresses as others.
final class MemoryWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MemoryWatch.class);
    private static final int PAGE = 4096;

    private final List<Watched> regions = new ArrayList<>();
    private long left;
    private boolean closed;

    MemoryWatch(long most) {
        this.left = most;
    }

    /// Takes part of the memory into sight or loses it, and tells what else has changed.
    ///
    /// @param changed gets the new contents and their DMA address
    synchronized void changes(TappedMessage message, PageConsumer changed) {
        if (closed) {
            return;
        }
        for (Watched region : List.copyOf(regions)) {
            if (region.session == message.session() && !region.compare(changed)) {
                remove(region);
            }
        }
        ByteBuf bytes = message.bytes();
        if (message.dialect() == Dialect.CURRENT
                && message.direction() == Direction.CLIENT_TO_SERVER
                && MessageHeader.type(bytes, bytes.readerIndex()) == WireFormat.TYPE_COMMAND) {
            followMaps(message.session(), bytes, message.descriptors());
        }
    }

    /// A client has gone, or has unmapped all of its memory.
    synchronized void clear(long session) {
        regions.stream().filter(region -> region.session == session).toList().forEach(this::remove);
    }

    @Override
    public synchronized void close() {
        closed = true;
        List.copyOf(regions).forEach(this::remove);
    }

    private void followMaps(long session, ByteBuf bytes, FdBundle descriptors) {
        int command = MessageHeader.commandId(bytes, bytes.readerIndex());
        if (command != Command.DMA_MAP.id() && command != Command.DMA_UNMAP.id()) {
            return;
        }
        try {
            switch (MessageDecoder.clientRequest(bytes)) {
                case DmaMap map when !descriptors.isEmpty() -> add(session, map, descriptors);
                case DmaUnmap unmap when (unmap.flags() & DmaUnmap.ALL) != 0 -> clear(session);
                case DmaUnmap unmap -> lose(session, unmap);
                default -> {} // memory that only messages reach
            }
        } catch (RequestRejectedException e) {
            LOG.debug("no memory to watch: {}", e.getMessage());
        }
    }

    private void add(long session, DmaMap map, FdBundle descriptors) {
        long size = map.size();
        if (size <= 0 || size > left || size > Integer.MAX_VALUE - PAGE || isKnown(session, map)) {
            return;
        }
        try {
            long file = FileStatus.of(descriptors.peek(0)).size();
            if (map.offset() < 0 || map.offset() > file - size) {
                return;
            }
            Mapping mapping = Mapping.map(descriptors.peek(0), map.offset(), size, Protection.READ);
            regions.add(new Watched(session, map.address(), mapping, new byte[(int) size]));
            left -= size;
        } catch (NativeCallException e) {
            LOG.debug("no memory to watch: {}", e.getMessage());
        }
    }

    /// A DMA_MAP that is repeated is a success.
    private boolean isKnown(long session, DmaMap map) {
        return regions.stream()
                .anyMatch(region -> region.session == session && region.iova == map.address());
    }

    private void lose(long session, DmaUnmap unmap) {
        regions.stream()
                .filter(region ->
                        region.session == session
                                && region.iova == unmap.address()
                                && region.copy.length == unmap.size())
                .findFirst()
                .ifPresent(this::remove);
    }

    private void remove(Watched region) {
        regions.remove(region);
        left += region.copy.length;
        region.mapping.close();
    }

    /// Takes contents that have changed.
    @FunctionalInterface
    interface PageConsumer {
        void page(long iova, ByteBuf bytes);
    }

    private static final class Watched {
        private final long session;
        private final long iova;
        private final Mapping mapping;
        private final byte[] copy;
        private final MemorySegment last;

        Watched(long session, long iova, Mapping mapping, byte[] copy) {
            this.session = session;
            this.iova = iova;
            this.mapping = mapping;
            this.copy = copy;
            this.last = MemorySegment.ofArray(copy);
        }

        /// @return whether the memory is still there
        boolean compare(PageConsumer changed) {
            try {
                MemorySegment now = mapping.segment();
                long at = 0;
                while (at < copy.length) {
                    long same = MemorySegment.mismatch(now, at, copy.length, last, at, copy.length);
                    MemoryFaults.deliverPending();
                    if (same < 0) {
                        return true;
                    }
                    long page = (at + same) / PAGE * PAGE;
                    int size = (int) Math.min(PAGE, copy.length - page);
                    MemorySegment.copy(now, page, last, page, size);
                    MemoryFaults.deliverPending();
                    byte[] bytes = new byte[size];
                    System.arraycopy(copy, (int) page, bytes, 0, size);
                    changed.page(iova + page, Unpooled.wrappedBuffer(bytes));
                    at = page + size;
                }
                return true;
            } catch (InternalError e) {
                if (!MemoryFaults.isFault(e)) {
                    throw e;
                }
                return false;
            }
        }
    }
}
