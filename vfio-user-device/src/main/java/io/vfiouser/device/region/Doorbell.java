package io.vfiouser.device.region;

import io.vfiouser.os.SharedMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/// A place in a region at which a write is only a signal, so that a client may signal an eventfd
/// instead of sending a message (spec: "VFIO_USER_DEVICE_GET_REGION_IO_FDS"): an ioeventfd.
///
/// A hypervisor does that itself while the guest writes, without waking the VMM. What is written is
/// lost on the way, unless the doorbell asks for one value ([#matching]) or has shadow memory
/// ([#shadowedBy]).
///
/// @param offset first byte, counted from the start of the region
/// @param size bytes of the writes that ring it: 1, 2, 4 or 8; 0 for any
/// @param match the only value that rings it; not with size 0
/// @param shadow where the client leaves what was written before it signals; not with size 0
/// @param silent whether there is no eventfd, so that writes only change the shadow memory, which
///   the device looks at in its own time
public record Doorbell(
        long offset, int size, OptionalLong match, Optional<Shadow> shadow, boolean silent) {
    private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();
    private static final VarHandle SHORT = ValueLayout.JAVA_SHORT.varHandle();
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    /// Checks the fields.
    public Doorbell {
        Objects.requireNonNull(match, "match");
        Objects.requireNonNull(shadow, "shadow");
        if (offset < 0) {
            throw new IllegalArgumentException("offset: " + offset + " (expected: at least 0)");
        }
        if (size < 0 || size > 8 || Integer.bitCount(size) > 1) {
            throw new IllegalArgumentException("size: " + size + " (expected: 0, 1, 2, 4 or 8)");
        }
        match.ifPresent(value -> checkMatch(size, value));
        shadow.ifPresent(place -> place.check(size));
        if (silent && shadow.isEmpty()) {
            throw new IllegalArgumentException("silent: true (expected: shadow memory with it)");
        }
    }

    /// A doorbell that any value rings.
    ///
    /// @param size bytes of the writes that ring it: 1, 2, 4 or 8; 0 for any
    public static Doorbell at(long offset, int size) {
        return new Doorbell(offset, size, OptionalLong.empty(), Optional.empty(), false);
    }

    /// The same doorbell, rung by one value only; other writes go to the region's handler.
    ///
    /// @param value of as many bytes as [#size()], which is not 0
    public Doorbell matching(long value) {
        return new Doorbell(offset, size, OptionalLong.of(value), shadow, silent);
    }

    /// The same doorbell, whose last value is left in memory.
    ///
    /// The client gets this memory's descriptor, so all of it is open to it; doorbells of one
    /// device may share it.
    ///
    /// @param memory borrowed, must stay open as long as the doorbell is installed
    /// @param offset where the value goes; a multiple of [#size()], which is not 0
    public Doorbell shadowedBy(SharedMemory memory, long offset) {
        return new Doorbell(
                this.offset, size, match, Optional.of(new Shadow(memory, offset)), silent);
    }

    /// The same doorbell without an eventfd, for a device that looks at the shadow memory by
    /// itself.
    public Doorbell withoutEventFd() {
        return new Doorbell(offset, size, match, shadow, true);
    }

    /// What was written last, as far as it is known: what lies in the shadow memory, else the value
    /// to match, else 0. Unsigned; for size 8 the bits of the `long`.
    ///
    /// @throws IllegalStateException if the shadow memory is closed
    public long value() {
        return shadow.isPresent() ? shadow.get().value(size) : match.orElse(0);
    }

    /// Whether a write would ring this doorbell and the other one, which is more than a hypervisor
    /// takes.
    public boolean collidesWith(Doorbell other) {
        if (offset != other.offset) {
            return false;
        }
        boolean sameSize = size == other.size || size == 0 || other.size == 0;
        boolean sameValue = match.isEmpty() || other.match.isEmpty() || match.equals(other.match);
        return sameSize && sameValue;
    }

    private static void checkMatch(int size, long value) {
        boolean fits = size == 8 || (value >= 0 && value >>> (8 * size) == 0);
        if (size == 0 || !fits) {
            throw new IllegalArgumentException(
                    "match: 0x"
                            + Long.toHexString(value)
                            + " (expected: a value of the doorbell's size, "
                            + size
                            + (size == 0 ? ", which must not be 0)" : " bytes)"));
        }
    }

    /// Where a client leaves the value of a write.
    ///
    /// @param memory borrowed
    /// @param offset first byte in it
    public record Shadow(SharedMemory memory, long offset) {
        /// Checks that there is memory.
        public Shadow {
            Objects.requireNonNull(memory, "memory");
        }

        private void check(int size) {
            if (size == 0 || offset < 0 || offset % size != 0 || offset > memory.size() - size) {
                throw new IllegalArgumentException(
                        "shadow offset: 0x"
                                + Long.toHexString(offset)
                                + ", size: "
                                + size
                                + " (expected: a multiple of a size other than 0, within 0x"
                                + Long.toHexString(memory.size())
                                + " bytes)");
            }
        }

        /// Everything that the client wrote to memory before this value is seen after it.
        private long value(int size) {
            MemorySegment bytes = memory.segment();
            return switch (size) {
                case 1 -> (byte) BYTE.getAcquire(bytes, offset) & 0xffL;
                case 2 -> (short) SHORT.getAcquire(bytes, offset) & 0xffffL;
                case 4 -> (int) INT.getAcquire(bytes, offset) & 0xffff_ffffL;
                default -> (long) LONG.getAcquire(bytes, offset);
            };
        }
    }
}
