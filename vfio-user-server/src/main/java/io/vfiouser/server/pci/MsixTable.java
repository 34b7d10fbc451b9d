package io.vfiouser.server.pci;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/// The MSI-X table and its pending bits (PCI Local Bus Specification 3.0, section 6.8.2), as
/// clients see them in the BARs of a [PciCapability.MsiX]. The loop reads and writes; [VectorMasks]
/// is for any thread.
///
/// ## When a vector is masked
///
/// By the specification every vector is masked until software clears its mask bit. Taken literally,
/// no interrupt would ever reach a VMM: QEMU and Cloud Hypervisor keep the table to themselves,
/// none of its writes get here, and they say with SET_IRQS alone which vectors are to fire. Simple
/// clients do the same and do not even enable MSI-X in config space. On the other hand a client
/// that emulates nothing works this table as a driver does. So a vector counts as masked if
///
/// 1. the function mask is set in the capability's message control word, which all of them write
///    through to us (a guest sets it while it enables MSI-X, and clears it at the end); **or**
/// 2. the client has written to the vector's table entry since it came or since the last reset, and
///    the entry's mask bit is set. From its first write on, a client is taken at its word, so an
///    entry of which only the address was written is masked, as it would be in hardware.
///
/// An entry that was never written masks nothing, although it reads as masked. The masks of
/// SET_IRQS come on top and are not this class's business.
///
/// Whether MSI-X is enabled masks nothing either. But while it is, a vector that fires without an
/// eventfd stays pending until it gets one: QEMU arms a vector only when the guest first unmasks
/// it.
public final class MsixTable implements VectorMasks {
    private static final int ENTRY_SIZE = 16;
    private static final int ADDRESS = 0;
    private static final int DATA = 8;
    private static final int VECTOR_CONTROL = 12;
    private static final int MASK_BIT = 1;
    private static final long ADDRESS_BITS = -4;

    private final PciCapability.MsiX capability;
    private final BooleanSupplier enabled;
    private final BooleanSupplier functionMasked;
    private final IntConsumer unmasked;
    private final RegisterImage entries;

    /// Rule 2 as bits: written to, and the mask bit set.
    private final VectorBits masked;

    private final VectorBits pending;

    /// A table with all entries as after a reset.
    ///
    /// @param enabled whether MSI-X is enabled, asked on any thread; see
    ///   [ConfigSpaceEngine#msixEnabled()]
    /// @param functionMasked whether the function mask is set, asked on any thread; see
    ///   [ConfigSpaceEngine#msixFunctionMasked()]
    /// @param unmasked is told on the loop of each vector whose own mask the client ended; the
    ///   vector is to fire if it is pending and [#masked] is false
    public MsixTable(
            PciCapability.MsiX capability,
            BooleanSupplier enabled,
            BooleanSupplier functionMasked,
            IntConsumer unmasked) {
        this.capability = Objects.requireNonNull(capability, "capability");
        this.enabled = Objects.requireNonNull(enabled, "enabled");
        this.functionMasked = Objects.requireNonNull(functionMasked, "functionMasked");
        this.unmasked = Objects.requireNonNull(unmasked, "unmasked");
        this.entries = new RegisterImage(capability.tableSize());
        this.masked = new VectorBits(capability.vectors());
        this.pending = new VectorBits(capability.vectors());
        for (int at = 0; at < capability.tableSize(); at += ENTRY_SIZE) {
            entries.field(at + ADDRESS, 8, 0, ADDRESS_BITS)
                    .field(at + DATA, 4, 0, -1)
                    .field(at + VECTOR_CONTROL, 4, MASK_BIT, MASK_BIT);
        }
    }

    @Override
    public boolean enabled() {
        return enabled.getAsBoolean();
    }

    @Override
    public boolean masked(int vector) {
        return masked.get(vector) || functionMasked.getAsBoolean();
    }

    @Override
    public boolean pending(int vector) {
        return pending.get(vector);
    }

    @Override
    public void showPending(int vector, boolean on) {
        pending.set(vector, on);
    }

    /// All entries as at first, nothing pending; tells nobody.
    public void reset() {
        entries.reset();
        masked.clear();
        pending.clear();
    }

    /// Writes entries, masks and pending bits.
    public void save(ImageWriter out) {
        entries.save(out);
        masked.save(out);
        pending.save(out);
    }

    /// Takes over what [#save] wrote; tells nobody.
    public void restore(ImageReader in) {
        entries.restore(in);
        masked.restore(in);
        pending.restore(in);
    }

    /// Where it lies.
    PciCapability.MsiX capability() {
        return capability;
    }

    /// The table's bytes: accesses of any size at any alignment within it.
    RegionHandler entries() {
        return new RegionHandler() {
            @Override
            public Completion read(long offset, MemorySegment into) {
                entries.read((int) offset, into);
                return Completion.DONE;
            }

            @Override
            public Completion write(long offset, MemorySegment from) {
                writeEntries((int) offset, from);
                return Completion.DONE;
            }
        };
    }

    /// The pending bits' bytes, which ignore writes.
    RegionHandler pendingBits() {
        return new RegionHandler() {
            @Override
            public Completion read(long offset, MemorySegment into) {
                for (int i = 0; i < into.byteSize(); i++) {
                    into.set(ValueLayout.JAVA_BYTE, i, (byte) pending.byteAt((int) offset + i));
                }
                return Completion.DONE;
            }

            @Override
            public Completion write(long offset, MemorySegment from) {
                return Completion.DONE;
            }
        };
    }

    private void writeEntries(int offset, MemorySegment from) {
        entries.write(offset, from);
        int last = (offset + (int) from.byteSize() - 1) / ENTRY_SIZE;
        for (int vector = offset / ENTRY_SIZE; vector <= last; vector++) {
            int control = entries.byteAt(vector * ENTRY_SIZE + VECTOR_CONTROL);
            boolean before = masked.get(vector);
            boolean now = (control & MASK_BIT) != 0;
            masked.set(vector, now);
            if (before && !now) {
                unmasked.accept(vector);
            }
        }
    }
}
