package io.vfiouser.testkit;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.filters.AccessKind;
import io.vfiouser.filters.TraceEvent;
import io.vfiouser.os.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// The client of one device, in a plain unit test: no socket, no event loop, no other thread.
///
/// ```java
/// try (var tester = DeviceTester.attach(new GpioDevice())) {
///     tester.arm(IrqIndex.INTX);
///     tester.read("IRQ_CTL");
///     tester.write("OUT0_7", 0x01);
///     assertThat(tester.interrupts()).containsExactly(new FiredInterrupt(IrqIndex.INTX, 0));
/// }
/// ```
///
/// The thread of the test is the device's loop. Tasks that the device hands to its context run
/// while an access waits for its completion, or when the test says so ([#runTasks()],
/// [#runNextTask()]); timers fire when the test moves the clock ([#advance]). An access that the
/// device refuses throws the device's [DeviceException], whose errno the client would see; anything
/// else that it throws (`EIO` for a client) reaches the test as it is.
public final class DeviceTester implements AutoCloseable {
    private final Device device;
    private final DeviceLayout layout;
    private final BarAccess bars;
    private final RegisterMap registers;
    private final AccessLog accesses;
    private final TesterLoop loop = new TesterLoop();
    private TesterIrqs irqs;
    private TesterDoorbells doorbells = new TesterDoorbells();
    private TesterMemory memory;
    private boolean attached;

    private DeviceTester(Device device) {
        this.device = device;
        this.layout = device.layout();
        this.bars = new BarAccess(layout);
        this.registers = new RegisterMap(layout);
        this.accesses = new AccessLog(layout);
        this.irqs = new TesterIrqs(layout);
        this.memory = new TesterMemory(loop);
    }

    /// Takes the device into service and attaches to it as its first client.
    ///
    /// @param device closed by [#close()]
    public static DeviceTester attach(Device device) {
        var tester = new DeviceTester(Objects.requireNonNull(device, "device"));
        tester.attach();
        return tester;
    }

    /// Attaches again, as the next client, after [#detach()]: nothing armed, no memory.
    public void attach() {
        if (attached) {
            throw new IllegalStateException("device: attached (expected: detach() first)");
        }
        irqs = new TesterIrqs(layout);
        doorbells = new TesterDoorbells();
        memory = new TesterMemory(loop);
        attached = true;
        device.attach(
                new TesterContext(irqs, doorbells, memory, new TesterConfigSpace(layout), loop));
    }

    /// The client goes: the device is made quiet, loses the memory, is reset and detached.
    ///
    /// @throws AssertionError if the device is quiet and yet has leases open
    public void detach() {
        requireAttached();
        attached = false;
        loop.await(device.quiesce(), "quiesce");
        requireNoLeases(Optional.empty());
        for (DmaRange range : memory.ranges()) {
            memory.unmap(range);
            device.memoryUnmapped(range);
        }
        loop.await(device.reset(ResetReason.CLIENT_GONE), "reset CLIENT_GONE");
        device.detach();
        loop.clear();
    }

    /// Detaches, if a client is attached, and closes the device.
    @Override
    public void close() {
        try {
            if (attached) {
                detach();
            }
        } finally {
            device.close();
        }
    }

    /// What the device says of itself.
    public DeviceLayout layout() {
        return layout;
    }

    /// Reads a register by its name.
    ///
    /// @param register as the device's register block names it; `BAR2.NAME` if several BARs have
    ///   one of that name
    /// @return its value, zero-extended
    public long read(String register) {
        var place = registers.find(register);
        return read(place.bar(), place.register().offset(), place.register().width());
    }

    /// Writes a register by its name.
    ///
    /// @param register as for [#read(String)]
    /// @param value its low bytes count
    public void write(String register, long value) {
        var place = registers.find(register);
        write(place.bar(), place.register().offset(), place.register().width(), value);
    }

    /// Reads a little-endian value.
    ///
    /// @param bar 0 to 5
    /// @param width bytes, 1 to 8
    /// @return zero-extended
    public long read(int bar, long offset, int width) {
        return LittleEndian.get(MemorySegment.ofArray(readBytes(bar, offset, width)), 0, width);
    }

    /// Writes a little-endian value.
    ///
    /// @param bar 0 to 5
    /// @param width bytes, 1 to 8
    public void write(int bar, long offset, int width, long value) {
        byte[] bytes = new byte[width];
        LittleEndian.put(MemorySegment.ofArray(bytes), 0, width, value);
        writeBytes(bar, offset, bytes);
    }

    /// Reads bytes.
    ///
    /// @param bar 0 to 5
    public byte[] readBytes(int bar, long offset, int size) {
        requireAttached();
        byte[] bytes = new byte[size];
        logged(
                AccessKind.READ,
                bar,
                offset,
                bytes,
                () ->
                        loop.await(
                                bars.read(bar, offset, bytes),
                                BarAccess.describe("read", bar, offset)));
        return bytes;
    }

    /// Writes bytes.
    ///
    /// @param bar 0 to 5
    public void writeBytes(int bar, long offset, byte... bytes) {
        requireAttached();
        logged(
                AccessKind.WRITE,
                bar,
                offset,
                bytes,
                () ->
                        loop.await(
                                bars.write(bar, offset, bytes),
                                BarAccess.describe("write", bar, offset)));
    }

    private void logged(AccessKind kind, int bar, long offset, byte[] bytes, Runnable access) {
        try {
            access.run();
        } catch (RuntimeException | Error e) {
            accesses.add(kind, bar, offset, bytes, e);
            throw e;
        }
        accesses.add(kind, bar, offset, bytes, null);
    }

    /// The last 50 accesses that the device has answered, in order, by register names, with how
    /// they ended; of [#beginWriteBytes] none. [io.vfiouser.testkit.junit.DeviceTesterExtension]
    /// prints them below the failure of a test.
    public List<TraceEvent.Access> lastAccesses() {
        return accesses.last();
    }

    /// Writes bytes without waiting for the device's answer.
    ///
    /// @param bar 0 to 5
    /// @return done when the client would get its reply, with the device's error if there is one;
    ///   cancelling it does nothing to the device
    public CompletableFuture<@Nullable Void> beginWriteBytes(int bar, long offset, byte... bytes) {
        requireAttached();
        var reply = new CompletableFuture<@Nullable Void>();
        bars.write(bar, offset, bytes.clone())
                .stage()
                .whenComplete((_, error) -> {
                    if (error == null) {
                        reply.complete(null);
                    } else {
                        reply.completeExceptionally(TesterLoop.cause(error));
                    }
                });
        return reply;
    }

    /// Writes a register as a client with ioeventfds does: if a doorbell is there, its shadow
    /// memory takes the value and it is rung.
    ///
    /// @param bar 0 to 5
    /// @return whether a doorbell took the write; if not, the device has seen nothing of it, and
    ///   [#write(int, long, int, long)] is what a client does next
    public boolean ring(int bar, long offset, int width, long value) {
        requireAttached();
        return doorbells.ring(bar, offset, width, value);
    }

    /// Resets the device as a client or guest asks for it, after it has become quiet.
    public void reset(ResetReason reason) {
        requireAttached();
        loop.await(device.quiesce(), "quiesce");
        loop.await(device.reset(reason), "reset " + reason);
        device.resume();
    }

    /// Takes the state that the device would take along to another process: stops it, saves, and
    /// starts it again.
    ///
    /// @throws IllegalStateException if the device cannot migrate
    public byte[] saveState() {
        requireAttached();
        return new StateTransfer(device, loop).save();
    }

    /// Gives the device the state of another one of its kind, as when it has come from another
    /// process. A device that refuses the state is reset.
    ///
    /// @param state as [#saveState()] returned it, or anything else
    /// @throws DeviceException if the device refuses the state
    /// @throws IllegalStateException if the device cannot migrate
    public void loadState(byte... state) {
        requireAttached();
        new StateTransfer(device, loop).load(state);
    }

    /// Makes zeroed memory known to the device that it may read, write and lease.
    ///
    /// @return the memory, in the test's hands
    public MemorySegment map(long iova, long length) {
        return map(new DmaRange(iova, length, true, true, true));
    }

    /// Makes zeroed memory known to the device.
    ///
    /// @param range with its permissions; if it is not direct, the device reaches it by message
    /// @return the memory, in the test's hands
    public MemorySegment map(DmaRange range) {
        requireAttached();
        MemorySegment bytes = NativeMemory.allocate(range.length());
        memory.map(range, bytes);
        device.memoryMapped(range);
        return bytes;
    }

    /// Takes memory back, once the device is quiet.
    ///
    /// @param iova where a mapped range starts
    /// @throws AssertionError if the device is quiet and yet has the memory on lease
    public void unmap(long iova) {
        DmaRange range = memory.range(iova);
        loop.await(device.quiesce(), "quiesce");
        requireNoLeases(Optional.of(range));
        memory.unmap(range);
        device.memoryUnmapped(range);
        device.resume();
    }

    /// The transfers by message since the last call, in order.
    public List<DmaMessage> dmaMessages() {
        return memory.drainMessages();
    }

    /// Arms all interrupts of a type, as a client does by giving them eventfds.
    public void arm(IrqIndex index) {
        irqs.type(index).forEach(TesterIrq::arm);
    }

    /// Arms one interrupt.
    public void arm(IrqIndex index, int subindex) {
        irqs.line(index, subindex).arm();
    }

    /// Disarms all interrupts of a type.
    public void disarm(IrqIndex index) {
        irqs.type(index).forEach(TesterIrq::disarm);
    }

    /// Masks one interrupt; what fires meanwhile is kept.
    public void mask(IrqIndex index, int subindex) {
        irqs.mask(index, subindex);
    }

    /// Unmasks one interrupt; what was kept fires. A client also does this to an INTx that has
    /// fired.
    public void unmask(IrqIndex index, int subindex) {
        irqs.unmask(index, subindex);
    }

    /// Whether the device holds the level of an interrupt high.
    public boolean isRaised(IrqIndex index, int subindex) {
        return irqs.line(index, subindex).isHigh();
    }

    /// The interrupts that reached the client since the last call, in order.
    public List<FiredInterrupt> interrupts() {
        return irqs.drain();
    }

    /// Runs the device's waiting tasks, and those that they add, until none is left.
    ///
    /// @return how many ran
    public int runTasks() {
        return loop.runAll();
    }

    /// Runs one waiting task.
    ///
    /// @return whether there was one
    public boolean runNextTask() {
        return loop.runNext();
    }

    /// Moves the clock forward: timers fire in order, each with its clock at the time it was due.
    ///
    /// @param by zero or more
    public void advance(Duration by) {
        loop.advance(by);
    }

    private void requireNoLeases(Optional<DmaRange> range) {
        List<TesterLease> open = memory.openLeases(range);
        if (!open.isEmpty()) {
            throw new AssertionError(
                    "leases open after quiesce: " + open + " (expected: all closed)");
        }
    }

    private void requireAttached() {
        if (!attached) {
            throw new IllegalStateException("device: detached (expected: attach() first)");
        }
    }
}
