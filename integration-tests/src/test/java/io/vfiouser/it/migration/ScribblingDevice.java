package io.vfiouser.it.migration;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.GuestMemory;
import io.vfiouser.device.memory.Lease;
import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.migration.SavePhase;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.migration.StateSource;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.RegisterBlock;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A device without state that writes one byte to each address it is told, in the way that the
/// register stands for.
final class ScribblingDevice implements Device, Migratable {
    static final long BY_COPY = 0x00;
    static final long BY_MESSAGE = 0x08;
    static final long BY_LEASE = 0x10;
    static final long BY_KEPT_LEASE = 0x18;

    private static final byte INK = 0x2a;

    private final MemorySegment byteOfInk = MemorySegment.ofArray(new byte[] {INK});
    private DeviceContext context = DeviceContext.UNATTACHED;
    private @Nullable Lease kept;

    @Override
    public DeviceLayout layout() {
        var registers =
                RegisterBlock.builder()
                        .command(BY_COPY, 8, "COPY", iova -> memory().write(iova, byteOfInk))
                        .command(
                                BY_MESSAGE,
                                8,
                                "MESSAGE",
                                iova -> memory().writeByMessage(iova, byteOfInk))
                        .writeOnly(BY_LEASE, 8, "LEASE", this::lease)
                        .writeOnly(BY_KEPT_LEASE, 8, "KEPT_LEASE", this::keepLease)
                        .build();
        return DeviceLayout.pci(0x1234, 0x5678).bar(0, Bar.memory(0x1000, registers)).build();
    }

    @Override
    public void attach(DeviceContext context) {
        this.context = context;
    }

    @Override
    public Completion quiesce() {
        if (kept != null) {
            kept.close();
            kept = null;
        }
        return Completion.DONE;
    }

    @Override
    public Optional<Migratable> migratable() {
        return Optional.of(this);
    }

    @Override
    public StateSource save(SavePhase phase) {
        return StateSource.of();
    }

    @Override
    public StateSink load() {
        return StateSink.into(() -> {});
    }

    private GuestMemory memory() {
        return context.memory();
    }

    private void lease(long iova) {
        try (Lease lease = memory().lease(iova, 1, AccessMode.WRITE)) {
            lease.segment(0).set(ValueLayout.JAVA_BYTE, 0, INK);
        }
    }

    @SuppressWarnings("MustBeClosed") // kept until the device is to be quiet
    private void keepLease(long iova) {
        if (kept == null) {
            kept = memory().lease(iova, 1, AccessMode.READ_WRITE);
        }
        kept.segment(0).set(ValueLayout.JAVA_BYTE, 0, INK);
        memory().markDirty(iova, 1);
    }
}
