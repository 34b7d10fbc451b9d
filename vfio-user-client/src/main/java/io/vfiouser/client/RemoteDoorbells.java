package io.vfiouser.client;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.FileStatus;
import io.vfiouser.os.Mapping;
import io.vfiouser.os.Protection;
import io.vfiouser.protocol.SubRegionFd;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The ioeventfds of one region, worked as KVM does it with a guest's writes (spec:
/// "VFIO_USER_DEVICE_GET_REGION_IO_FDS").
///
/// They are those that the server had when it was asked. May be used from any thread; closing it
/// closes the eventfds and shadow memory, and so does closing the client.
public final class RemoteDoorbells implements AutoCloseable {
    private static final VarHandle SHORT = ValueLayout.JAVA_SHORT.varHandle();
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();

    private final List<Bell> bells = new ArrayList<>();
    private final Map<Integer, EventFd> eventFds = new HashMap<>();
    private final List<Mapping> mappings = new ArrayList<>();
    private boolean closed;

    private RemoteDoorbells() {}

    /// Takes over eventfds and shadow memory; `fds` may be closed afterwards.
    ///
    /// @throws MalformedReplyException if an entry names a descriptor that did not come, or memory
    ///   that is not there
    static RemoteDoorbells of(RegionIoFds fds) {
        var doorbells = new RemoteDoorbells();
        try {
            for (SubRegionFd entry : fds.entries()) {
                doorbells.add(entry, fds.descriptors());
            }
        } catch (Throwable thrown) {
            doorbells.close();
            throw thrown;
        }
        return doorbells;
    }

    /// How many there are.
    public int count() {
        return bells.size();
    }

    /// Writes a register if a doorbell takes it: leaves the value in its shadow memory, then
    /// signals its eventfd. The server is not waited for.
    ///
    /// @param width bytes: 1, 2, 4 or 8
    /// @return whether a doorbell took it; if not, it has to be written by message
    public synchronized boolean write(long offset, int width, long value) {
        if (closed) {
            throw new IllegalStateException("doorbells: closed (expected: open)");
        }
        long written = width == Long.BYTES ? value : value & ((1L << (8 * width)) - 1);
        for (Bell bell : bells) {
            if (bell.takes(offset, width, written)) {
                bell.ring(written);
                return true;
            }
        }
        return false;
    }

    /// Closes eventfds and memory; idempotent.
    @Override
    public synchronized void close() {
        closed = true;
        eventFds.values().forEach(EventFd::close);
        eventFds.clear();
        mappings.forEach(Mapping::close);
        mappings.clear();
        bells.clear();
    }

    private void add(SubRegionFd entry, FdBundle descriptors) {
        boolean shadowed = entry.type() == SubRegionFd.SHADOW_IOEVENTFD;
        if (!shadowed && entry.type() != SubRegionFd.IOEVENTFD) {
            return;
        }
        Optional<EventFd> eventFd =
                entry.fdIndex() == SubRegionFd.NO_FD
                        ? Optional.empty()
                        : Optional.of(eventFd(entry.fdIndex(), descriptors));
        Optional<MemorySegment> shadow =
                shadowed ? Optional.of(shadow(entry, descriptors)) : Optional.empty();
        bells.add(new Bell(entry, eventFd, shadow));
    }

    /// Entries may share an eventfd.
    private EventFd eventFd(int index, FdBundle descriptors) {
        EventFd known = eventFds.get(index);
        if (known != null) {
            return known;
        }
        EventFd adopted = EventFd.adopt(Descriptors.duplicate(descriptor(index, descriptors)));
        eventFds.put(index, adopted);
        return adopted;
    }

    private MemorySegment shadow(SubRegionFd entry, FdBundle descriptors) {
        FileDescriptor fd = descriptor(entry.shadowFdIndex(), descriptors);
        long offset = entry.shadowOffset();
        long size = entry.size();
        boolean sized = size > 0 && size <= Long.BYTES && Long.bitCount(size) == 1;
        if (!sized
                || offset < 0
                || offset % size != 0
                || offset > FileStatus.of(fd).size() - size) {
            throw new MalformedReplyException(
                    "shadow memory: offset 0x%x, size %d (expected: an aligned place in its file)"
                            .formatted(offset, size));
        }
        Mapping mapping = Mapping.map(fd, offset, size, Protection.READ_WRITE);
        mappings.add(mapping);
        return mapping.segment();
    }

    private static FileDescriptor descriptor(int index, FdBundle descriptors) {
        if (index < 0 || index >= descriptors.count()) {
            throw new MalformedReplyException(
                    "fd_index: %s (expected: below the number of descriptors, %d)"
                            .formatted(Integer.toUnsignedString(index), descriptors.count()));
        }
        return descriptors.peek(index);
    }

    /// @param shadow as many bytes as the entry's size
    private record Bell(
            SubRegionFd entry, Optional<EventFd> eventFd, Optional<MemorySegment> shadow) {
        boolean takes(long offset, int width, long value) {
            return entry.offset() == offset
                    && (entry.size() == 0 || entry.size() == width)
                    && ((entry.flags() & SubRegionFd.DATAMATCH) == 0 || entry.datamatch() == value);
        }

        void ring(long value) {
            shadow.ifPresent(memory -> release(memory, value));
            eventFd.ifPresent(EventFd::signal);
        }

        /// What was written to memory before is seen by whoever sees the value.
        private static void release(MemorySegment memory, long value) {
            switch ((int) memory.byteSize()) {
                case 1 -> BYTE.setRelease(memory, 0L, (byte) value);
                case 2 -> SHORT.setRelease(memory, 0L, (short) value);
                case 4 -> INT.setRelease(memory, 0L, (int) value);
                default -> LONG.setRelease(memory, 0L, value);
            }
        }
    }
}
