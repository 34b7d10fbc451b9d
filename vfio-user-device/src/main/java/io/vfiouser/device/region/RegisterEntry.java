package io.vfiouser.device.region;

import io.vfiouser.device.outcome.Completion;
import java.lang.foreign.MemorySegment;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// A register with what it does; exactly one of the ways to write, or none.
final class RegisterEntry {
    private final Register register;
    private final long offset;
    private final int width;
    private final @Nullable LongSupplier reader;
    private final @Nullable LongConsumer writer;
    private final @Nullable LongFunction<Completion> slowWriter;
    private final @Nullable RegionHandler block;

    RegisterEntry(
            Register register,
            @Nullable LongSupplier reader,
            @Nullable LongConsumer writer,
            @Nullable LongFunction<Completion> slowWriter,
            @Nullable RegionHandler block) {
        this.register = register;
        this.offset = register.offset();
        this.width = register.width();
        this.reader = reader;
        this.writer = writer;
        this.slowWriter = slowWriter;
        this.block = block;
    }

    Register register() {
        return register;
    }

    long offset() {
        return offset;
    }

    int width() {
        return width;
    }

    long end() {
        return offset + width;
    }

    /// Whether a write of a part can be completed from what the register reads as; blocks take
    /// parts as they come.
    boolean mergeable() {
        return block != null || reader != null;
    }

    Completion read(MemorySegment into, long at, byte fill) {
        if (block != null) {
            return block.read(0, into);
        }
        if (reader == null) {
            into.asSlice(at, width).fill(fill);
        } else {
            LittleEndian.put(into, at, width, reader.getAsLong());
        }
        return Completion.DONE;
    }

    Completion readPart(long from, MemorySegment into, byte fill) {
        if (block != null) {
            return block.read(from, into);
        }
        if (reader == null) {
            into.fill(fill);
        } else {
            long value = reader.getAsLong() >>> (8 * from);
            LittleEndian.put(into, 0, (int) into.byteSize(), value);
        }
        return Completion.DONE;
    }

    Completion write(MemorySegment from, long at) {
        if (block != null) {
            return block.write(0, from);
        }
        return write(LittleEndian.get(from, at, width));
    }

    Completion writePart(long to, MemorySegment from) {
        int size = (int) from.byteSize();
        if (block != null) {
            return block.write(to, from);
        }
        long value = LittleEndian.get(from, 0, size);
        if (size < width && reader != null) {
            long mask = ((1L << (8 * size)) - 1) << (8 * to);
            value = (reader.getAsLong() & ~mask) | value << (8 * to);
        }
        return write(value);
    }

    private Completion write(long value) {
        if (writer != null) {
            writer.accept(value);
        } else if (slowWriter != null) {
            return slowWriter.apply(value);
        }
        return Completion.DONE;
    }
}
