package io.vfiouser.fuzz;

import io.vfiouser.devices.nvme.guest.DataPointer;
import io.vfiouser.devices.nvme.guest.Extents;
import io.vfiouser.devices.nvme.spec.Status;
import java.lang.foreign.MemorySegment;

/// PRP and SGL lists in a small guest memory: the walk ends, asks for no more than a page at a
/// time, and gives exactly as many bytes as the command has.
///
/// Input: `psdt` and page size, `u32` length, two `u64` of the data pointer, then the memory, which
/// repeats beyond its end.
public final class DataPointerFuzz {
    private static final int MAX_TRANSFER = 1 << 20;
    private static final int MAX_STEPS = 40_000;
    private static final int MASK = 0xffff;

    private DataPointerFuzz() {}

    /// Runs one input.
    public static void fuzzerTestOneInput(byte[] bytes) {
        var input = new Input(bytes);
        int first = input.u8();
        int pageSize = 4096 << (first >>> 2 & 3);
        long length = Integer.toUnsignedLong(input.i32()) % (MAX_TRANSFER + 1);
        var pointer = new DataPointer();
        var extents = new Extents();
        int status = pointer.begin(first & 3, input.i64(), input.i64(), length, pageSize, extents);
        byte[] memory = input.rest();
        for (int step = 0; status == Status.SUCCESS && pointer.listLength() != 0; step++) {
            if (step > MAX_STEPS) {
                throw new AssertionError("walk: no end after %d lists".formatted(step));
            }
            status = pointer.take(list(memory, pointer));
        }
        check(extents, length, status);
    }

    private static MemorySegment list(byte[] memory, DataPointer pointer) {
        int size = pointer.listLength();
        if (size < 0 || size > DataPointer.MAX_LIST * 4 || size % 8 != 0) {
            throw new AssertionError("list: %d bytes".formatted(size));
        }
        byte[] copy = new byte[size];
        for (int i = 0; i < size && memory.length > 0; i++) {
            copy[i] = memory[((int) pointer.listAddress() + i & MASK) % memory.length];
        }
        return MemorySegment.ofArray(copy);
    }

    private static void check(Extents extents, long length, int status) {
        long sum = 0;
        for (int i = 0; i < extents.count(); i++) {
            if (extents.length(i) <= 0) {
                throw new AssertionError("extent: %d bytes".formatted(extents.length(i)));
            }
            sum += extents.length(i);
        }
        if (sum != extents.total() || sum > length || (status == Status.SUCCESS && sum != length)) {
            throw new AssertionError(
                    "extents: %d bytes, status 0x%x (expected: %d)".formatted(sum, status, length));
        }
    }
}
