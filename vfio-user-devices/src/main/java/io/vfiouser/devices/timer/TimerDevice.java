package io.vfiouser.devices.timer;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.InterruptMessages;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.irq.IrqLine;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.memory.GuestMemory;
import io.vfiouser.device.migration.Handover;
import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.MappableArea;
import io.vfiouser.device.region.MappableMemory;
import io.vfiouser.device.region.MemoryRegion;
import io.vfiouser.device.region.RegisterBlock;
import io.vfiouser.os.Errno;
import io.vfiouser.os.SharedMemory;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/// The migration and DMA sample: a one-shot timer that interrupts the client and then exercises its
/// memory, directly and by messages. It behaves as libvfio-user's `samples/server.c`, so that
/// library's `samples/client.c` runs against it.
///
/// | BAR     | size   | what                                                               |
/// |---------|--------|--------------------------------------------------------------------|
/// | 0 (I/O) | 8      | the time in seconds since 1970: see [TimeRegister]                 |
/// | 1 (I/O) | 0x4000 | memory; [0, 0x1000) and [0x2000, 0x3000) mappable, all of it trapped |
///
/// When the timer fires: INTx, then a [MemoryExercise] directly on the second region that the
/// client has mapped, then one by messages on the first. With fewer than two regions the interrupt
/// is all.
///
/// To a client of the legacy dialect it behaves as that library's sample of February 2021: INTx,
/// the same interrupt as a message, then one write and one read of 4096 bytes by messages on the
/// first region.
public final class TimerDevice implements Device {
    private static final int PAGE_SIZE = 0x1000;
    private static final int MEMORY_SIZE = 0x4000;

    private final SharedMemory memory = SharedMemory.create("timer-bar1", MEMORY_SIZE);
    private final LongSupplier clock;
    private final WallTimer timer;
    private DeviceContext context = DeviceContext.UNATTACHED;
    private IrqLine intx = IrqLine.UNWIRED;
    private Completion exercised = Completion.DONE;
    private boolean exercising;
    private boolean quiet;

    /// A device with memory of its own for BAR1, on the system's clock.
    ///
    /// @throws io.vfiouser.os.NativeCallException if that memory cannot be had, for example
    ///   `EMFILE`
    public TimerDevice() {
        this(() -> Instant.now().getEpochSecond());
    }

    /// @param clock seconds since 1970
    TimerDevice(LongSupplier clock) {
        this.clock = clock;
        this.timer = new WallTimer(clock, () -> !quiet && !exercising, this::fire);
    }

    @Override
    public DeviceLayout layout() {
        var time =
                RegisterBlock.builder()
                        .block(0, TimeRegister.SIZE, "TIME", new TimeRegister(clock, timer))
                        .build();
        var mappable =
                new MappableMemory(
                        memory,
                        0,
                        List.of(
                                new MappableArea(0, PAGE_SIZE),
                                new MappableArea(2 * PAGE_SIZE, PAGE_SIZE)));
        return DeviceLayout.pci(0xdead, 0xbeef)
                .subsystem(0xcafe, 0xbabe)
                .bar(0, Bar.io(TimeRegister.SIZE, time))
                .bar(1, Bar.io(MEMORY_SIZE, MemoryRegion.shared(memory)).mappable(mappable))
                .irq(IrqIndex.INTX, 1)
                .build();
    }

    @Override
    public Optional<Migratable> migratable() {
        return Optional.of(new TimerState(timer, memory));
    }

    @Override
    public Optional<Handover> handover() {
        return Optional.of(new TimerHandover(timer));
    }

    @Override
    public void attach(DeviceContext context) {
        this.context = context;
        intx = context.irq(IrqIndex.INTX, 0);
        exercising = false;
        quiet = false;
        timer.attach(context);
    }

    @Override
    public void detach() {
        attach(DeviceContext.UNATTACHED);
    }

    @Override
    public Completion reset(ResetReason reason) {
        timer.clear();
        memory.clear();
        return Completion.DONE;
    }

    @Override
    public Completion quiesce() {
        quiet = true;
        return exercising ? exercised : Completion.DONE;
    }

    @Override
    public void resume() {
        quiet = false;
        timer.fireIfDue();
    }

    @Override
    public void close() {
        memory.close();
    }

    private void fire() {
        intx.trigger();
        if (context.interruptMessages().isPresent()) {
            fireByMessage(context.interruptMessages().get());
            return;
        }
        GuestMemory client = context.memory();
        List<DmaRange> regions = client.ranges();
        if (regions.size() < 2) {
            return;
        }
        var direct = MemoryExercise.direct(client, regions.get(1));
        var byMessage = MemoryExercise.byMessage(client, regions.get(0));
        exercising = true;
        exercised =
                Completion.attempt(direct::run)
                        .recover(this::report)
                        .then(() -> Completion.attempt(byMessage::run))
                        .recover(this::report)
                        .then(this::exerciseEnded);
    }

    /// As the sample of 2021: the interrupt once more, as a message, then the first region.
    private void fireByMessage(InterruptMessages messages) {
        GuestMemory client = context.memory();
        List<DmaRange> regions = client.ranges();
        exercising = true;
        exercised =
                Completion.attempt(() -> messages.send(0))
                        .then(() ->
                                regions.isEmpty()
                                        ? Completion.DONE
                                        : MemoryExercise.byWholeMessage(client, regions.getFirst())
                                                .run())
                        .recover(this::report)
                        .then(this::exerciseEnded);
    }

    private Completion exerciseEnded() {
        exercising = false;
        timer.fireIfDue();
        return Completion.DONE;
    }

    private void report(Throwable error) {
        if (!(error instanceof DeviceException refused)) {
            context.log().error("DMA", error);
        } else if (refused.errno().equals(Errno.ENOTCONN)) {
            context.log().debug("DMA: {}", refused.getMessage());
        } else {
            context.log().error("DMA: {} {}", refused.errno(), refused.getMessage());
        }
    }
}
