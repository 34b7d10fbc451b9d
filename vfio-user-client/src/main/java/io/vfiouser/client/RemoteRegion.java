package io.vfiouser.client;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.Mapping;
import io.vfiouser.os.Protection;
import io.vfiouser.protocol.RegionFlags;
import io.vfiouser.protocol.SparseMmapArea;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// One region of the device, for a thread that waits for each access.
///
/// Reads and writes are messages and wait for the reply; [#map(SparseMmapArea)] gives the memory
/// itself. Offsets count from the start of the region and are unsigned. May be used from any thread
/// that is not an event loop; ends with the client.
public final class RemoteRegion {
    private final RegionAccess access;
    private final RegionInfo info;
    private final Map<SparseMmapArea, Mapping> mappings = new HashMap<>();
    private boolean closed;

    RemoteRegion(Blocking blocking, RegionInfo info) {
        this.access = new RegionAccess(blocking, info.region());
        this.info = info;
    }

    /// The index of the region.
    public int index() {
        return info.region();
    }

    /// Bytes, unsigned; 0 for an unused region.
    public long size() {
        return info.size();
    }

    /// What can be done with the region.
    public RegionFlags flags() {
        return info.flags();
    }

    /// The areas that can be mapped; may be empty.
    public List<SparseMmapArea> mappableAreas() {
        return info.mappableAreas();
    }

    /// Reads a register.
    ///
    /// @param width bytes: 1, 2, 4 or 8
    /// @return its value, zero-extended
    /// @throws RemoteErrorException if the server refuses
    public long read(long offset, int width) {
        return access.read(offset, width);
    }

    /// Reads one byte, 0 to 0xff.
    public int read8(long offset) {
        return (int) read(offset, Byte.BYTES);
    }

    /// Reads two bytes, 0 to 0xffff.
    public int read16(long offset) {
        return (int) read(offset, Short.BYTES);
    }

    /// Reads four bytes, 0 to 0xffff_ffff.
    public long read32(long offset) {
        return read(offset, Integer.BYTES);
    }

    /// Reads eight bytes.
    public long read64(long offset) {
        return read(offset, Long.BYTES);
    }

    /// Reads bytes in one message.
    ///
    /// @param count at most the server's `max_data_xfer_size`
    /// @return the bytes, fewer than asked for if the server says so
    /// @throws RemoteErrorException if the server refuses
    public byte[] readBytes(long offset, int count) {
        return access.readBytes(offset, count);
    }

    /// Writes a register and waits for the reply.
    ///
    /// @param width bytes: 1, 2, 4 or 8
    /// @param value its lowest bytes are written
    /// @throws RemoteErrorException if the server refuses
    public void write(long offset, int width, long value) {
        access.write(offset, width, value);
    }

    /// Writes one byte.
    public void write8(long offset, int value) {
        write(offset, Byte.BYTES, value);
    }

    /// Writes two bytes.
    public void write16(long offset, int value) {
        write(offset, Short.BYTES, value);
    }

    /// Writes four bytes.
    public void write32(long offset, long value) {
        write(offset, Integer.BYTES, value);
    }

    /// Writes eight bytes.
    public void write64(long offset, long value) {
        write(offset, Long.BYTES, value);
    }

    /// Writes bytes in one message and waits for the reply.
    ///
    /// @param data at most as many bytes as the server's `max_data_xfer_size`
    /// @throws RemoteErrorException if the server refuses
    /// @throws MalformedReplyException if the server says it wrote fewer
    public void writeBytes(long offset, byte[] data) {
        access.writeBytes(offset, data);
    }

    /// Writes a register without a reply: a posted write.
    ///
    /// Does not wait for the server, except for room in the socket if it does not keep up.
    ///
    /// @param width bytes: 1, 2, 4 or 8
    public void post(long offset, int width, long value) {
        access.post(offset, width, value);
    }

    /// Maps an area into this process; the same segment each time, until the client is closed.
    ///
    /// @param area one of [#mappableAreas()]
    /// @return the memory, read-only if the region is
    /// @throws IllegalArgumentException for any other area
    /// @throws MalformedReplyException if the server announced an area beyond the region
    /// @throws io.vfiouser.os.NativeCallException if the descriptor cannot be mapped
    public synchronized MemorySegment map(SparseMmapArea area) {
        if (closed) {
            throw new IllegalStateException("region " + index() + ": closed (expected: open)");
        }
        return mappings.computeIfAbsent(area, this::newMapping).segment();
    }

    /// Ends all access through mappings and closes the descriptors; idempotent.
    synchronized void close() {
        closed = true;
        mappings.values().forEach(Mapping::close);
        mappings.clear();
        info.close();
    }

    private Mapping newMapping(SparseMmapArea area) {
        int number = mappableAreas().indexOf(area);
        if (number < 0) {
            throw new IllegalArgumentException(
                    "area: " + area + " (expected: one of " + mappableAreas() + ")");
        }
        long end = area.offset() + area.size();
        if (Long.compareUnsigned(end, area.offset()) < 0 || Long.compareUnsigned(end, size()) > 0) {
            throw new MalformedReplyException(
                    "area: offset 0x%x, size 0x%x (expected: within region %d of size 0x%x)"
                            .formatted(area.offset(), area.size(), index(), size()));
        }
        // Servers before October 2022 send one descriptor for each area.
        int descriptor = number < info.descriptors().count() ? number : 0;
        FileDescriptor fd = info.descriptors().peek(descriptor);
        return Mapping.map(fd, info.offset() + area.offset(), area.size(), protection());
    }

    private Protection protection() {
        if (!flags().writable()) {
            return Protection.READ;
        }
        return flags().readable() ? Protection.READ_WRITE : Protection.WRITE;
    }
}
