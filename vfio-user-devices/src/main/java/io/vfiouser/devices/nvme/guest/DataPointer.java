package io.vfiouser.devices.nvme.guest;

import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.nvme.spec.Status;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Follows the data pointer of a command, PRPs or SGLs, to the ranges of guest memory that it means
/// (NVMe 1.4: "Physical Region Page Entry and List", "Scatter Gather List").
///
/// It never waits: when it needs a list from guest memory it says which bytes ([#listAddress()],
/// [#listLength()]) and goes on with [#take]. Whatever the guest writes, it ends: a PRP list has as
/// many entries as the data have pages, and SGL descriptors are counted.
public final class DataPointer {
    /// Bytes that the largest piece of a list has.
    public static final int MAX_LIST = 4096;

    private static final int PRP_SIZE = 8;
    private static final int DESCRIPTOR_SIZE = 16;
    private static final int MAX_DESCRIPTORS = 8192;

    private static final int DATA_BLOCK = 0;
    private static final int SEGMENT = 2;
    private static final int LAST_SEGMENT = 3;

    private @Nullable Extents extents;
    private long pageSize;
    private long remaining;
    private boolean sgl;
    private boolean lastSegment;
    private int descriptors;
    private long segmentLeft;
    private long listAddress;
    private int listLength;

    /// Follows nothing yet.
    public DataPointer() {}

    /// Begins with the data pointer of a command.
    ///
    /// @param psdt how the pointer is to be read: 0 PRPs, 1 or 2 SGLs
    /// @param first the lower eight bytes of the pointer
    /// @param second the upper eight bytes
    /// @param length bytes of data, at most [io.vfiouser.devices.nvme.spec.Limits#MAX_TRANSFER]
    /// @param pageSize bytes of a memory page, as the host has set it
    /// @param into gets the ranges; emptied first
    /// @return a [Status]
    public int begin(int psdt, long first, long second, long length, int pageSize, Extents into) {
        this.extents = into;
        this.pageSize = pageSize;
        this.remaining = length;
        this.listLength = 0;
        into.clear();
        if (length == 0) {
            return Status.SUCCESS;
        }
        sgl = psdt != 0;
        if (psdt == 3) {
            return Status.INVALID_FIELD;
        }
        return sgl ? beginSgl(first, second) : beginPrp(first, second);
    }

    /// Where the next piece of a list is.
    public long listAddress() {
        return listAddress;
    }

    /// Bytes of the next piece, at most [#MAX_LIST]; 0 if everything is known.
    public int listLength() {
        return listLength;
    }

    /// Goes on with the piece that was asked for.
    ///
    /// @param list a copy of it, at offset 0
    /// @return a [Status]
    public int take(MemorySegment list) {
        return sgl ? takeSgl(list) : takePrp(list);
    }

    private int beginPrp(long first, long second) {
        if ((first & 3) != 0) {
            return Status.INVALID_PRP_OFFSET;
        }
        addPage(first, pageSize - (first & (pageSize - 1)));
        if (remaining == 0) {
            return Status.SUCCESS;
        }
        if (remaining > pageSize) {
            return wantPrpList(second, PRP_SIZE - 1);
        }
        if (!isPage(second)) {
            return Status.INVALID_PRP_OFFSET;
        }
        addPage(second, pageSize);
        return Status.SUCCESS;
    }

    private int wantPrpList(long address, long alignment) {
        if ((address & alignment) != 0) {
            return Status.INVALID_PRP_OFFSET;
        }
        listAddress = address;
        listLength = (int) Math.min(entriesLeft(), roomAt(address)) * PRP_SIZE;
        return Status.SUCCESS;
    }

    private int takePrp(MemorySegment list) {
        int entries = listLength / PRP_SIZE;
        boolean chained = entriesLeft() > entries;
        listLength = 0;
        for (int i = 0; i < entries; i++) {
            long entry = list.get(LittleEndian.LONG, (long) i * PRP_SIZE);
            if (!isPage(entry)) {
                return Status.INVALID_PRP_OFFSET;
            }
            if (chained && i == entries - 1) {
                return wantPrpList(entry, pageSize - 1);
            }
            addPage(entry, pageSize);
        }
        return Status.SUCCESS;
    }

    private long entriesLeft() {
        return (remaining + pageSize - 1) / pageSize;
    }

    private long roomAt(long address) {
        return (pageSize - (address & (pageSize - 1))) / PRP_SIZE;
    }

    private boolean isPage(long address) {
        return (address & (pageSize - 1)) == 0;
    }

    private void addPage(long address, long room) {
        add(address, Math.min(room, remaining));
    }

    private int beginSgl(long address, long word) {
        lastSegment = false;
        descriptors = 0;
        segmentLeft = 0;
        int status = takeDescriptor(address, word);
        if (status != Status.SUCCESS || remaining == 0 || listLength != 0) {
            return status;
        }
        return Status.DATA_SGL_LENGTH_INVALID;
    }

    private int takeSgl(MemorySegment list) {
        int size = listLength;
        listLength = 0;
        segmentLeft -= size;
        for (int at = 0; at < size; at += DESCRIPTOR_SIZE) {
            boolean isLast = at + DESCRIPTOR_SIZE == size && segmentLeft == 0;
            long address = list.get(LittleEndian.LONG, at);
            long word = list.get(LittleEndian.LONG, at + 8L);
            boolean leads = type(word) == SEGMENT || type(word) == LAST_SEGMENT;
            if (leads && !isLast) {
                return Status.INVALID_SGL_SEGMENT;
            }
            int status = takeDescriptor(address, word);
            if (status != Status.SUCCESS || remaining == 0) {
                return status;
            }
            if (isLast && !leads) {
                return lastSegment ? Status.DATA_SGL_LENGTH_INVALID : Status.INVALID_SGL_SEGMENT;
            }
        }
        if (listLength == 0) {
            wantSegment(listAddress + size);
        }
        return Status.SUCCESS;
    }

    private int takeDescriptor(long address, long word) {
        if (++descriptors > MAX_DESCRIPTORS) {
            return Status.INVALID_SGL_COUNT;
        }
        if ((word >>> 56 & 0xf) != 0) {
            return Status.SGL_TYPE_INVALID;
        }
        long length = word & 0xffff_ffffL;
        return switch (type(word)) {
            case DATA_BLOCK -> {
                add(address, Math.min(length, remaining));
                yield Status.SUCCESS;
            }
            case SEGMENT, LAST_SEGMENT -> {
                if (lastSegment || length == 0 || length % DESCRIPTOR_SIZE != 0) {
                    yield Status.INVALID_SGL_SEGMENT;
                }
                lastSegment = type(word) == LAST_SEGMENT;
                segmentLeft = length;
                wantSegment(address);
                yield Status.SUCCESS;
            }
            default -> Status.SGL_TYPE_INVALID;
        };
    }

    private void wantSegment(long address) {
        listAddress = address;
        listLength = (int) Math.min(segmentLeft, MAX_LIST);
    }

    private static int type(long word) {
        return (int) (word >>> 60);
    }

    private void add(long address, long length) {
        Extents into = extents;
        if (into != null) {
            into.add(address, length);
        }
        remaining -= length;
    }
}
