package io.vfiouser.device.region;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.Register.Access;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Collects the registers of a [RegisterBlock]. Overlaps and odd widths are refused as they are
/// added.
public final class RegisterBlockBuilder {
    /// Registers lie below this offset; what lies above belongs to [#elsewhere].
    private static final long MAX_END = 1 << 20;

    private final List<RegisterEntry> entries = new ArrayList<>();
    @Nullable RegionHandler elsewhere;
    byte fill;
    boolean strict;
    boolean mergesPartialWrites;

    RegisterBlockBuilder() {}

    /// A register that can be read and written.
    ///
    /// @param width bytes: 1, 2, 4 or 8
    /// @param reader gives the value; its low `width` bytes count
    /// @param writer takes the value, zero-extended
    public RegisterBlockBuilder readWrite(
            long offset, int width, String name, LongSupplier reader, LongConsumer writer) {
        return add(
                register(offset, width, name, Access.READ_WRITE),
                Objects.requireNonNull(reader, "reader"),
                Objects.requireNonNull(writer, "writer"),
                null,
                null);
    }

    /// A register whose writes are ignored.
    ///
    /// @param width bytes: 1, 2, 4 or 8
    public RegisterBlockBuilder readOnly(long offset, int width, String name, LongSupplier reader) {
        return add(
                register(offset, width, name, Access.READ_ONLY),
                Objects.requireNonNull(reader, "reader"),
                null,
                null,
                null);
    }

    /// A register that always reads as `value`; writes are ignored.
    ///
    /// @param width bytes: 1, 2, 4 or 8
    public RegisterBlockBuilder constant(long offset, int width, String name, long value) {
        return readOnly(offset, width, name, () -> value);
    }

    /// A register that is only written; it reads as the fill byte.
    ///
    /// @param width bytes: 1, 2, 4 or 8
    public RegisterBlockBuilder writeOnly(
            long offset, int width, String name, LongConsumer writer) {
        return add(
                register(offset, width, name, Access.WRITE_ONLY),
                null,
                Objects.requireNonNull(writer, "writer"),
                null,
                null);
    }

    /// A register whose write starts work that may take a while; the client's write is answered
    /// when the completion is done. It reads as the fill byte.
    ///
    /// @param width bytes: 1, 2, 4 or 8
    public RegisterBlockBuilder command(
            long offset, int width, String name, LongFunction<Completion> command) {
        return add(
                register(offset, width, name, Access.WRITE_ONLY),
                null,
                null,
                Objects.requireNonNull(command, "command"),
                null);
    }

    /// A named stretch of bytes with a handler of its own, which sees offsets from the start of the
    /// stretch. Parts of it may be read and written if partial writes are merged.
    ///
    /// @param size bytes, at least 1
    public RegisterBlockBuilder block(long offset, int size, String name, RegionHandler handler) {
        return add(
                new Register(offset, size, name, Access.READ_WRITE),
                null,
                null,
                null,
                Objects.requireNonNull(handler, "handler"));
    }

    /// Gives everything outside the registers to `handler`, with offsets of the region.
    public RegisterBlockBuilder elsewhere(RegionHandler handler) {
        this.elsewhere = Objects.requireNonNull(handler, "handler");
        return this;
    }

    /// What bytes that belong to no register read as.
    ///
    /// @param value 0 to 0xff; 0 unless set
    public RegisterBlockBuilder fill(int value) {
        if (value < 0 || value > 0xff) {
            throw new IllegalArgumentException("fill: " + value + " (expected: 0 to 255)");
        }
        this.fill = (byte) value;
        return this;
    }

    /// Refuses accesses outside the registers with `EINVAL`.
    public RegisterBlockBuilder strict() {
        this.strict = true;
        return this;
    }

    /// Lets a write cover a part of a register: the rest keeps what the register reads as. Drivers
    /// that write 64-bit registers in two halves need it.
    public RegisterBlockBuilder mergePartialWrites() {
        this.mergesPartialWrites = true;
        return this;
    }

    /// The block.
    public RegisterBlock build() {
        return new RegisterBlock(this);
    }

    List<Register> registers() {
        return entries.stream()
                .map(RegisterEntry::register)
                .sorted(Comparator.comparingLong(Register::offset))
                .toList();
    }

    @Nullable RegisterEntry[] index() {
        long end = entries.stream().mapToLong(RegisterEntry::end).max().orElse(0);
        @Nullable RegisterEntry[] index = new RegisterEntry[(int) end];
        for (RegisterEntry entry : entries) {
            for (long at = entry.offset(); at < entry.end(); at++) {
                index[(int) at] = entry;
            }
        }
        return index;
    }

    private static Register register(long offset, int width, String name, Access access) {
        if (width != 1 && width != 2 && width != 4 && width != 8) {
            throw new IllegalArgumentException(
                    name + ": width: " + width + " (expected: 1, 2, 4 or 8)");
        }
        return new Register(offset, width, name, access);
    }

    private RegisterBlockBuilder add(
            Register register,
            @Nullable LongSupplier reader,
            @Nullable LongConsumer writer,
            @Nullable LongFunction<Completion> slowWriter,
            @Nullable RegionHandler block) {
        if (register.end() > MAX_END) {
            throw new IllegalArgumentException(
                    register.name()
                            + ": ends at 0x"
                            + Long.toHexString(register.end())
                            + " (expected: at most 0x"
                            + Long.toHexString(MAX_END)
                            + "; use elsewhere(..) for what lies above)");
        }
        for (RegisterEntry other : entries) {
            if (register.offset() < other.end() && other.offset() < register.end()) {
                throw new IllegalArgumentException(
                        register.name()
                                + ": 0x"
                                + Long.toHexString(register.offset())
                                + " to 0x"
                                + Long.toHexString(register.end())
                                + " (expected: no overlap with "
                                + other.register().name()
                                + " at 0x"
                                + Long.toHexString(other.offset())
                                + ")");
            }
        }
        entries.add(new RegisterEntry(register, reader, writer, slowWriter, block));
        return this;
    }
}
