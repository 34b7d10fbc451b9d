package io.vfiouser.devices.block.file;

import io.vfiouser.devices.block.BlockRequest;
import io.vfiouser.devices.block.SegmentList;
import io.vfiouser.os.DiskFile;
import io.vfiouser.os.IoVector;
import io.vfiouser.os.MemoryFaults;
import io.vfiouser.os.NativeMemory;
import java.io.EOFException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Moves the blocks of one request at a time between a file and memory; made once per thread.
final class FileTransfer {
    private static final int BOUNCE_SIZE = 1 << 20;
    private static final int MAX_ALIGNMENT = 1 << 16;

    private final IoVector vector = IoVector.create(IoVector.MAX_CAPACITY);
    private @Nullable MemorySegment bounce;

    /// Reads what can be had without waiting.
    ///
    /// @return the request's length if that was all of it, another number if it has to be read in
    ///   full, [DiskFile#NEVER_TELLS] if trying is pointless
    long readCached(DiskFile file, BlockRequest request) {
        try {
            return fill(request.data(), 0) == request.data().count()
                    ? file.readCached(vector, request.offset())
                    : DiskFile.WOULD_WAIT;
        } finally {
            vector.clear();
        }
    }

    /// As [#readCached], for a write.
    long writeCached(DiskFile file, BlockRequest request) {
        try {
            return fill(request.data(), 0) == request.data().count()
                    ? file.writeCached(vector, request.offset())
                    : DiskFile.WOULD_WAIT;
        } finally {
            vector.clear();
        }
    }

    /// Reads all blocks of a request.
    ///
    /// @throws UncheckedIOException with an `EOFException` if the file is shorter than it was
    void read(DiskFile file, BlockRequest request, FileAlignment alignment) {
        try {
            if (alignment.fits(request.data())) {
                readDirectly(file, request);
            } else {
                readThroughBounce(file, request);
            }
        } finally {
            vector.clear();
        }
    }

    /// Writes all blocks of a request.
    void write(DiskFile file, BlockRequest request, FileAlignment alignment, boolean durable) {
        try {
            if (alignment.fits(request.data())) {
                writeDirectly(file, request, durable);
            } else {
                writeThroughBounce(file, request, durable);
            }
        } finally {
            vector.clear();
        }
    }

    /// Writes zeros.
    void writeZeros(DiskFile file, long offset, long length, boolean durable) {
        MemorySegment zeros = bounce().fill((byte) 0);
        try {
            long position = offset;
            long left = length;
            while (left > 0) {
                long part = Math.min(left, zeros.byteSize());
                vector.clear();
                vector.add(zeros, 0, part);
                position = writeVector(file, position, durable);
                left -= part;
            }
        } finally {
            vector.clear();
        }
    }

    private void readDirectly(DiskFile file, BlockRequest request) {
        SegmentList into = request.data();
        long position = request.offset();
        for (int next = 0; next < into.count(); ) {
            next = fill(into, next);
            position = readVector(file, position);
        }
    }

    private void writeDirectly(DiskFile file, BlockRequest request, boolean durable) {
        SegmentList from = request.data();
        long position = request.offset();
        for (int next = 0; next < from.count(); ) {
            next = fill(from, next);
            position = writeVector(file, position, durable);
        }
    }

    private void readThroughBounce(DiskFile file, BlockRequest request) {
        MemorySegment buffer = bounce();
        for (long done = 0; done < request.length(); done += buffer.byteSize()) {
            long part = Math.min(request.length() - done, buffer.byteSize());
            vector.clear();
            vector.add(buffer, 0, part);
            readVector(file, request.offset() + done);
            request.data().copyIn(done, buffer, 0, part);
            MemoryFaults.deliverPending();
        }
    }

    private void writeThroughBounce(DiskFile file, BlockRequest request, boolean durable) {
        MemorySegment buffer = bounce();
        for (long done = 0; done < request.length(); done += buffer.byteSize()) {
            long part = Math.min(request.length() - done, buffer.byteSize());
            request.data().copyOut(done, buffer, 0, part);
            MemoryFaults.deliverPending();
            vector.clear();
            vector.add(buffer, 0, part);
            writeVector(file, request.offset() + done, durable);
        }
    }

    private long readVector(DiskFile file, long offset) {
        long position = offset;
        while (vector.remaining() > 0) {
            long count = file.read(vector, position);
            if (count == 0) {
                throw new UncheckedIOException(
                        new EOFException(
                                "file size: %d (expected: at least %d)"
                                        .formatted(position, position + vector.remaining())));
            }
            vector.skip(count);
            position += count;
        }
        return position;
    }

    private long writeVector(DiskFile file, long offset, boolean durable) {
        long position = offset;
        while (vector.remaining() > 0) {
            long count = file.write(vector, position, durable);
            vector.skip(count);
            position += count;
        }
        return position;
    }

    /// Takes as many ranges as go into one call and returns the index of the next.
    private int fill(SegmentList list, int first) {
        vector.clear();
        int next = first;
        while (next < list.count()
                && vector.add(list.base(next), list.offset(next), list.length(next))) {
            next++;
        }
        return next;
    }

    private MemorySegment bounce() {
        MemorySegment buffer = bounce;
        if (buffer == null) {
            MemorySegment memory = NativeMemory.allocate(BOUNCE_SIZE + MAX_ALIGNMENT);
            long past = memory.address() % MAX_ALIGNMENT;
            buffer = memory.asSlice(past == 0 ? 0 : MAX_ALIGNMENT - past, BOUNCE_SIZE);
            bounce = buffer;
        }
        return buffer;
    }
}
