package io.vfiouser.nvme;

/// The data pointers of the commands of one queue, with room for the PRP list of each.
///
/// A list is of a power of two of bytes, at most a page, so it never crosses one.
final class DataPointers implements AutoCloseable {
    /// Bits 15:14 of dword 0: PRPs, or an SGL.
    private static final int SGL_IN_COMMAND = 1 << 14;

    private final boolean sgl;
    private final int listSize;
    private final DmaBuffer lists;
    private long second;

    /// Pointers for transfers up to a size.
    ///
    /// @param maxTransfer bytes, a power of two from 4096 to 2 MiB
    DataPointers(boolean sgl, int maxTransfer, int commands, DmaPool pool) {
        this.sgl = sgl;
        this.listSize = maxTransfer / DmaPool.PAGE * Long.BYTES;
        this.lists = pool.allocate((long) listSize * commands);
    }

    /// What goes into dword 0 for the kind of pointer.
    int kind() {
        return sgl ? SGL_IN_COMMAND : 0;
    }

    /// Describes a range of memory for a command; [#second()] gives the other half.
    ///
    /// @return the first pointer, which is the address
    long describe(int commandId, long address, long length) {
        second = sgl ? length : secondPrp(commandId, address, length);
        return address;
    }

    /// The second pointer for what was described last.
    long second() {
        return second;
    }

    @Override
    public void close() {
        lists.close();
    }

    private long secondPrp(int commandId, long address, long length) {
        long next = (address | DmaPool.PAGE - 1) + 1;
        long end = address + length;
        if (end <= next) {
            return 0;
        }
        if (end <= next + DmaPool.PAGE) {
            return next;
        }
        long list = (long) commandId * listSize;
        for (long at = list; next < end; at += Long.BYTES, next += DmaPool.PAGE) {
            lists.segment().set(Words.LONG, at, next);
        }
        return lists.iova() + list;
    }
}
