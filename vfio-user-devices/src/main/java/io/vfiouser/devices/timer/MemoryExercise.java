package io.vfiouser.devices.timer;

import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.memory.GuestMemory;
import io.vfiouser.device.memory.Iova;
import io.vfiouser.device.memory.Lease;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Writes a pattern to the start of a DMA region, reads it back and compares: four writes of 1024
/// bytes ('A', 'B', 'C' and 'D' repeated), then two reads of 2048, one after the other.
final class MemoryExercise {
    /// Bytes that are written and read.
    static final int SIZE = 4096;

    private final DmaRange range;
    private final int writeSize;
    private final int readSize;
    private final Transfer write;
    private final Transfer read;
    private final MemorySegment pattern = MemorySegment.ofArray(new byte[SIZE]);
    private final MemorySegment readBack = MemorySegment.ofArray(new byte[SIZE]);

    private interface Transfer {
        Completion start(long iova, MemorySegment piece);
    }

    private MemoryExercise(
            DmaRange range, int writeSize, Transfer write, int readSize, Transfer read) {
        this.range = range;
        this.writeSize = writeSize;
        this.readSize = readSize;
        this.write = write;
        this.read = read;
        for (int at = 0; at < SIZE; at += writeSize) {
            pattern.asSlice(at, writeSize).fill((byte) ('A' + at / writeSize));
        }
    }

    /// Through leases, which mark what they write as dirty.
    static MemoryExercise direct(GuestMemory memory, DmaRange range) {
        return new MemoryExercise(
                range,
                1024,
                (iova, piece) -> {
                    try (Lease lease = memory.lease(iova, piece.byteSize(), AccessMode.WRITE)) {
                        lease.segment(0).copyFrom(piece);
                    }
                    return Completion.DONE;
                },
                2048,
                (iova, piece) -> {
                    try (Lease lease = memory.lease(iova, piece.byteSize(), AccessMode.READ)) {
                        piece.copyFrom(lease.segment(0));
                    }
                    return Completion.DONE;
                });
    }

    /// By DMA_WRITE and DMA_READ messages only.
    static MemoryExercise byMessage(GuestMemory memory, DmaRange range) {
        return new MemoryExercise(range, 1024, memory::writeByMessage, 2048, memory::readByMessage);
    }

    /// By one DMA_WRITE and one DMA_READ message, as a client of the legacy dialect expects it.
    static MemoryExercise byWholeMessage(GuestMemory memory, DmaRange range) {
        return new MemoryExercise(range, SIZE, memory::writeByMessage, SIZE, memory::readByMessage);
    }

    /// Does all of it.
    ///
    /// @return done when the bytes have been compared; with a [DeviceException] if they differ, or
    ///   if the memory cannot be reached
    Completion run() {
        if (Long.compareUnsigned(range.length(), SIZE) < 0) {
            throw new DeviceException(
                    Errno.EINVAL,
                    "DMA region: " + range + " (expected: at least " + SIZE + " bytes)");
        }
        Completion all = Completion.DONE;
        for (int at = 0; at < SIZE; at += writeSize) {
            all = then(all, write, at, pattern.asSlice(at, writeSize));
        }
        for (int at = 0; at < SIZE; at += readSize) {
            all = then(all, read, at, readBack.asSlice(at, readSize));
        }
        return all.then(this::compare);
    }

    private Completion then(Completion before, Transfer transfer, int at, MemorySegment piece) {
        return before.then(() -> transfer.start(range.iova() + at, piece));
    }

    private Completion compare() {
        long at = pattern.mismatch(readBack);
        if (at >= 0) {
            throw new DeviceException(
                    Errno.EIO,
                    "DMA: the byte read back at %s is 0x%02x (expected: 0x%02x, as written)"
                            .formatted(
                                    Iova.hex(range.iova() + at),
                                    byteAt(readBack, at),
                                    byteAt(pattern, at)));
        }
        return Completion.DONE;
    }

    private static int byteAt(MemorySegment bytes, long at) {
        return Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, at));
    }
}
