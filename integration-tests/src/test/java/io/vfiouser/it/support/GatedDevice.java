package io.vfiouser.it.support;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.MemoryRegion;
import io.vfiouser.device.region.RegisterBlock;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A device whose command register completes when the test says so. BAR0 is 4 KiB:
///
/// | offset | bytes |                                                          |
/// |--------|-------|----------------------------------------------------------|
/// | 0x000  | 4     | a write waits for its gate                               |
/// | 0x004  | 4     | reads how many commands the register has taken           |
/// | 0x008  | 4     | counts the writes to it                                  |
/// | others |       | scratch memory                                           |
public final class GatedDevice implements Device {
    /// Region with the registers.
    public static final int BAR = 0;

    /// Offset of the register that waits.
    public static final long GATE = 0x0;

    /// Offset of the register that counts commands.
    public static final long TAKEN = 0x4;

    /// Offset of the register that counts writes.
    public static final long COUNTER = 0x8;

    /// Offset of scratch memory.
    public static final long SCRATCH = 0x100;

    private final BlockingQueue<CompletableFuture<@Nullable Void>> gates =
            new LinkedBlockingQueue<>();
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger counted = new AtomicInteger();

    /// No gate yet.
    public GatedDevice() {}

    /// Waits until a command has arrived at its gate.
    ///
    /// @return completes the command, well or not, from any thread
    public CompletableFuture<@Nullable Void> nextGate() throws InterruptedException {
        return gates.take();
    }

    /// How many writes [#COUNTER] has seen.
    public int counted() {
        return counted.get();
    }

    @Override
    public DeviceLayout layout() {
        var registers =
                RegisterBlock.builder()
                        .command(GATE, 4, "GATE", _ -> waitAtGate())
                        .readOnly(TAKEN, 4, "TAKEN", taken::get)
                        .writeOnly(COUNTER, 4, "COUNTER", _ -> counted.incrementAndGet())
                        .elsewhere(MemoryRegion.scratch(0x1000))
                        .build();
        return DeviceLayout.pci(0x1af4, 0x10f8).bar(BAR, Bar.memory(0x1000, registers)).build();
    }

    private Completion waitAtGate() {
        taken.incrementAndGet();
        var gate = new CompletableFuture<@Nullable Void>();
        gates.add(gate);
        return Completion.after(gate);
    }
}
