package io.vfiouser.it.fault;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.region.RegisterBlock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// A device that does as much as a client asks of it, without bound. A write of n to a register of
/// BAR0 at 0 fires vector 0 of MSI-X n times, at 4 writes 4 KiB of client memory n times by
/// message.
final class GreedyDevice implements Device {
    static final int BAR = 0;
    static final int FIRE = 0;
    static final int SEND = 4;
    static final long IOVA = 0x1000;
    static final int SIZE = 4096;

    /// What became of messages that failed.
    final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();

    private final MemorySegment bytes = Arena.ofAuto().allocate(SIZE);
    private DeviceContext context = DeviceContext.UNATTACHED;

    @Override
    public DeviceLayout layout() {
        var registers =
                RegisterBlock.builder()
                        .readWrite(FIRE, 4, "FIRE", () -> 0, this::fire)
                        .readWrite(SEND, 4, "SEND", () -> 0, this::send)
                        .build();
        return DeviceLayout.pci(0x1af4, 0x10f9)
                .bar(BAR, Bar.memory(0x1000, registers))
                .bar(1, Bar.memory(0x1000, registers))
                .capability(PciCapability.msix(4, 1, 0x800, 0xc00))
                .build();
    }

    @Override
    public void attach(DeviceContext context) {
        this.context = context;
    }

    private void fire(long count) {
        for (long i = 0; i < count; i++) {
            context.irq(IrqIndex.MSIX, 0).trigger();
        }
    }

    private void send(long count) {
        for (long i = 0; i < count; i++) {
            try {
                if (context.memory().writeByMessage(IOVA, bytes)
                        instanceof Completion.Pending(var stage)) {
                    stage.whenComplete((_, error) -> {
                        if (error != null) {
                            failures.add(error);
                        }
                    });
                }
            } catch (RuntimeException e) {
                failures.add(e);
            }
        }
    }
}
