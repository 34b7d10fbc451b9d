package io.vfiouser.device.region;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A region made of named registers, written as the data sheet has it.
///
/// ```java
/// RegisterBlock.builder()
///         .readWrite(0x0, 4, "CTRL", () -> control, this::control)
///         .readOnly(0x4, 4, "STATUS", this::status)
///         .build();
/// ```
///
/// A read may cover any bytes: a register that it touches is read once, bytes that belong to no
/// register read as the fill byte (0 unless set). A write must cover whole registers, one or
/// several; a write of a part of a register is refused with `EINVAL`, or merged with what the
/// register reads as where the builder allows it. Writes to bytes of no register are ignored,
/// unless the block is strict.
public final class RegisterBlock implements RegionHandler {
    private final @Nullable RegisterEntry[] byOffset;
    private final List<Register> registers;
    private final @Nullable RegionHandler elsewhere;
    private final byte fill;
    private final boolean strict;
    private final boolean mergesPartialWrites;

    RegisterBlock(RegisterBlockBuilder builder) {
        this.byOffset = builder.index();
        this.registers = builder.registers();
        this.elsewhere = builder.elsewhere;
        this.fill = builder.fill;
        this.strict = builder.strict;
        this.mergesPartialWrites = builder.mergesPartialWrites;
    }

    /// Starts a block without registers.
    public static RegisterBlockBuilder builder() {
        return new RegisterBlockBuilder();
    }

    /// The registers, in order of their offsets.
    public List<Register> registers() {
        return registers;
    }

    @Override
    public Optional<Register> registerAt(long offset) {
        RegisterEntry entry = entryAt(offset);
        return entry == null ? Optional.empty() : Optional.of(entry.register());
    }

    @Override
    public Completion read(long offset, MemorySegment into) {
        RegisterEntry entry = entryAt(offset);
        int width = (int) into.byteSize();
        if (entry != null && entry.offset() == offset && entry.width() == width) {
            return entry.read(into, 0, fill);
        }
        return readAcross(offset, into);
    }

    @Override
    public Completion write(long offset, MemorySegment from) {
        RegisterEntry entry = entryAt(offset);
        int width = (int) from.byteSize();
        if (entry != null && entry.offset() == offset && entry.width() == width) {
            return entry.write(from, 0);
        }
        return writeAcross(offset, from);
    }

    private @Nullable RegisterEntry entryAt(long offset) {
        return offset >= 0 && offset < byOffset.length ? byOffset[(int) offset] : null;
    }

    private Completion readAcross(long offset, MemorySegment into) {
        Completion all = Completion.DONE;
        long size = into.byteSize();
        for (long done = 0; done < size; ) {
            long at = offset + done;
            long left = size - done;
            RegisterEntry entry = entryAt(at);
            if (entry == null) {
                long gap = gapAt(at, left);
                all = readGap(all, at, into.asSlice(done, gap));
                done += gap;
            } else if (entry.offset() == at && entry.width() <= left) {
                MemorySegment part = into.asSlice(done, entry.width());
                all = all.then(() -> entry.read(part, 0, fill));
                done += entry.width();
            } else {
                long piece = Math.min(left, entry.end() - at);
                MemorySegment part = into.asSlice(done, piece);
                all = all.then(() -> entry.readPart(at - entry.offset(), part, fill));
                done += piece;
            }
        }
        return all;
    }

    private Completion readGap(Completion before, long at, MemorySegment into) {
        RegionHandler other = elsewhere;
        if (other != null) {
            return before.then(() -> other.read(at, into));
        }
        if (strict) {
            throw noRegister(at, into.byteSize());
        }
        into.fill(fill);
        return before;
    }

    private Completion writeAcross(long offset, MemorySegment from) {
        checkWholeRegisters(offset, from.byteSize());
        Completion all = Completion.DONE;
        long size = from.byteSize();
        for (long done = 0; done < size; ) {
            long at = offset + done;
            long left = size - done;
            RegisterEntry entry = entryAt(at);
            if (entry == null) {
                long gap = gapAt(at, left);
                MemorySegment part = from.asSlice(done, gap);
                RegionHandler other = elsewhere;
                if (other != null) {
                    all = all.then(() -> other.write(at, part));
                }
                done += gap;
            } else {
                long piece = Math.min(left, entry.end() - at);
                MemorySegment part = from.asSlice(done, piece);
                all = all.then(() -> entry.writePart(at - entry.offset(), part));
                done += piece;
            }
        }
        return all;
    }

    /// Refuses the access as a whole before its first register is written.
    private void checkWholeRegisters(long offset, long size) {
        for (long done = 0; done < size; ) {
            long at = offset + done;
            RegisterEntry entry = entryAt(at);
            if (entry == null) {
                long gap = gapAt(at, size - done);
                if (strict && elsewhere == null) {
                    throw noRegister(at, gap);
                }
                done += gap;
                continue;
            }
            boolean whole = entry.offset() == at && entry.width() <= size - done;
            if (!whole && !(mergesPartialWrites && entry.mergeable())) {
                throw new DeviceException(
                        Errno.EINVAL,
                        "write at 0x"
                                + Long.toHexString(offset)
                                + ", count: "
                                + size
                                + " (expected: the whole of "
                                + entry.register().name()
                                + ", "
                                + entry.width()
                                + " bytes at 0x"
                                + Long.toHexString(entry.offset())
                                + ")");
            }
            done += Math.min(size - done, entry.end() - at);
        }
    }

    private long gapAt(long at, long most) {
        long gap = 1;
        while (gap < most && at + gap < byOffset.length && entryAt(at + gap) == null) {
            gap++;
        }
        return at + gap >= byOffset.length ? most : gap;
    }

    private static DeviceException noRegister(long at, long count) {
        return new DeviceException(
                Errno.EINVAL,
                "offset: 0x"
                        + Long.toHexString(at)
                        + ", count: "
                        + count
                        + " (expected: a register)");
    }
}
