package io.vfiouser.it.guest;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.device.region.RegisterBlock;
import io.vfiouser.devices.testdev.TestDevice;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The DMA engine of [TestDevice] behind registers that a processor can write, none of which waits
/// for the work. Nothing of it can be mapped, so QEMU posts the writes. BAR0, 4 KiB of memory:
///
/// | offset | bytes | name   |                                                             |
/// |--------|-------|--------|-------------------------------------------------------------|
/// | 0x00   | 8     | SRC    | fields of the command, see `docs/devices/testdev.md`        |
/// | 0x08   | 8     | DST    |                                                             |
/// | 0x10   | 8     | LEN    |                                                             |
/// | 0x18   | 8     | GO     | flags; a write starts the command                           |
/// | 0x20   | 8     | STATUS | 0 done, 1 at work, 0x100 + errno failed                     |
/// | 0x28   | 4     | GATE   | a write waits until [#openGate()]                           |
/// | 0x30   | 8     | SUM    | a write replaces the sum s by 31 s + value; order matters   |
/// | 0x38   | 8     | WRITES | how often SUM was written                                   |
final class GuestDrivenDevice implements Device {
    /// What STATUS shows of a command that failed, plus its errno.
    static final int FAILED = 0x100;

    private static final int BUSY = 1;

    private final TestDevice engine = new TestDevice();
    private final RegionHandler dma = engine.layout().bar(2).orElseThrow().region().handler();
    private final CompletableFuture<@Nullable Void> gate = new CompletableFuture<>();
    private final AtomicLong directBytes = new AtomicLong();
    private final AtomicLong messageBytes = new AtomicLong();
    private long source;
    private long destination;
    private long length;
    private long status;
    private long sum;
    private long writes;

    /// Lets the writes to GATE end, those to come too; from any thread.
    void openGate() {
        gate.complete(null);
    }

    /// How much writable client memory has ever been mapped here.
    long directBytes() {
        return directBytes.get();
    }

    /// How much writable client memory was ever to be reached by messages only.
    long messageBytes() {
        return messageBytes.get();
    }

    @Override
    public DeviceLayout layout() {
        var registers =
                RegisterBlock.builder()
                        .readWrite(0x00, 8, "SRC", () -> source, value -> source = value)
                        .readWrite(0x08, 8, "DST", () -> destination, value -> destination = value)
                        .readWrite(0x10, 8, "LEN", () -> length, value -> length = value)
                        .writeOnly(0x18, 8, "GO", this::go)
                        .readOnly(0x20, 8, "STATUS", () -> status)
                        .command(0x28, 4, "GATE", _ -> Completion.after(gate))
                        .readWrite(0x30, 8, "SUM", () -> sum, this::add)
                        .readOnly(0x38, 8, "WRITES", () -> writes)
                        .build();
        return DeviceLayout.pci(0x1af4, 0x10f9)
                .pciClass(0xff, 0x00, 0x00)
                .bar(0, Bar.memory(0x1000, registers))
                .build();
    }

    @Override
    public void attach(DeviceContext context) {
        engine.attach(context);
    }

    @Override
    public void detach() {
        engine.detach();
    }

    @Override
    public void memoryMapped(DmaRange range) {
        if (range.writable()) {
            (range.direct() ? directBytes : messageBytes).addAndGet(range.length());
        }
    }

    @Override
    public Completion quiesce() {
        return engine.quiesce();
    }

    @Override
    public Completion reset(ResetReason reason) {
        return engine.reset(reason);
    }

    @Override
    public void close() {
        engine.close();
    }

    private void go(long flags) {
        MemorySegment command = MemorySegment.ofArray(new byte[32]);
        command.set(LittleEndian.LONG, 0, source);
        command.set(LittleEndian.LONG, 8, destination);
        command.set(LittleEndian.LONG, 16, length);
        command.set(LittleEndian.LONG, 24, flags);
        status = BUSY;
        try {
            dma.write(0x8, command).stage().whenComplete((_, error) -> ended(error));
        } catch (DeviceException refused) {
            ended(refused);
        }
    }

    private void ended(@Nullable Throwable error) {
        Throwable cause = error instanceof CompletionException e ? e.getCause() : error;
        status =
                switch (cause) {
                    case null -> 0;
                    case DeviceException refused -> FAILED + refused.errno().number();
                    default -> FAILED;
                };
    }

    private void add(long value) {
        sum = 31 * sum + value;
        writes++;
    }
}
