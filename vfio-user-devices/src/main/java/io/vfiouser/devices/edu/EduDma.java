package io.vfiouser.devices.edu;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.memory.Iova;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.region.MemoryRegion;
import io.vfiouser.os.Errno;
import java.lang.foreign.MemorySegment;

/// The DMA controller of [EduDevice]: copies between client memory and a buffer of 4096 bytes,
/// which it addresses from [#BUFFER_START] on.
///
/// A transfer outside the buffer is refused, and one that client memory refuses ends there; both
/// are logged, and end like others, as there is no register that could tell. Registers do not
/// change while a transfer is on its way.
final class EduDma {
    /// The buffer's first address, as commands have it.
    static final long BUFFER_START = 0x4_0000;

    /// Bytes of the buffer.
    static final int BUFFER_SIZE = 4096;

    private static final long RUN = 1;
    private static final long TO_CLIENT = 1 << 1;
    private static final long INTERRUPT = 1 << 2;

    private final EduSettings settings;
    private final Runnable interrupt;
    private final MemoryRegion buffer = MemoryRegion.scratch(BUFFER_SIZE);
    private DeviceContext context = DeviceContext.UNATTACHED;
    private DeviceContext.Scheduled delay = () -> {};
    private Completion transferred = Completion.DONE;
    private Registers registers = Registers.ZERO;
    private boolean due;
    private boolean transferring;
    private boolean quiet;

    /// What the driver has programmed.
    record Registers(long source, long destination, long count, long command) {
        static final Registers ZERO = new Registers(0, 0, 0, 0);

        boolean isRunning() {
            return (command & RUN) != 0;
        }
    }

    /// @param interrupt called on the loop after a transfer whose command asks for it
    EduDma(EduSettings settings, Runnable interrupt) {
        this.settings = settings;
        this.interrupt = interrupt;
    }

    void attach(DeviceContext context) {
        this.context = context;
        transferring = false;
        quiet = false;
    }

    Registers registers() {
        return registers;
    }

    /// The buffer.
    MemorySegment buffer() {
        return buffer.segment();
    }

    void source(long address) {
        var now = registers;
        program(new Registers(address, now.destination, now.count, now.command));
    }

    void destination(long address) {
        var now = registers;
        program(new Registers(now.source, address, now.count, now.command));
    }

    void count(long bytes) {
        var now = registers;
        program(new Registers(now.source, now.destination, bytes, now.command));
    }

    /// Starts a transfer, if that is what the command says and none is on its way.
    void command(long command) {
        if ((command & RUN) == 0 || registers.isRunning()) {
            return;
        }
        var now = registers;
        registers = new Registers(now.source, now.destination, now.count, command);
        delay = context.schedule(settings.dmaDelay(), this::delayOver);
    }

    /// Forgets everything; no transfer is at work.
    void reset() {
        delay.cancel();
        due = false;
        registers = Registers.ZERO;
        buffer.clear();
    }

    /// Takes over the registers of another device; a transfer on its way there is done after
    /// [#resume()].
    void load(Registers other) {
        registers = other;
        due = other.isRunning();
    }

    /// Starts no transfer until [#resume()].
    ///
    /// @return done when none is at work
    Completion quiesce() {
        quiet = true;
        return transferring ? transferred : Completion.DONE;
    }

    /// Goes on.
    void resume() {
        quiet = false;
        transferIfDue();
    }

    private void program(Registers changed) {
        if (!registers.isRunning()) {
            registers = changed;
        }
    }

    private void delayOver() {
        due = true;
        transferIfDue();
    }

    private void transferIfDue() {
        if (due && !quiet) {
            due = false;
            transferring = true;
            transferred =
                    Completion.attempt(this::transfer).recover(this::report).then(this::ended);
        }
    }

    private Completion transfer() {
        if (registers.count == 0) {
            return Completion.DONE;
        }
        if ((registers.command & TO_CLIENT) != 0) {
            MemorySegment from = inBuffer(registers.source);
            return context.memory().write(onBus(registers.destination), from);
        }
        MemorySegment into = inBuffer(registers.destination);
        return context.memory().read(onBus(registers.source), into);
    }

    private MemorySegment inBuffer(long address) {
        long count = registers.count;
        if (!Iova.contains(BUFFER_START, BUFFER_SIZE, address, count)) {
            throw new DeviceException(
                    Errno.EINVAL,
                    "device address: %s, count: 0x%x (expected: within 0x%x bytes at %s)"
                            .formatted(
                                    Iova.hex(address), count, BUFFER_SIZE, Iova.hex(BUFFER_START)));
        }
        return buffer.segment().asSlice(address - BUFFER_START, count);
    }

    private long onBus(long address) {
        long reached = address & settings.dmaMask();
        if (reached != address) {
            context.log()
                    .warn(
                            "DMA address: {} (expected: {} bits, setting dma-bits), taken as {}",
                            Iova.hex(address),
                            settings.dmaBits(),
                            Iova.hex(reached));
        }
        return reached;
    }

    private Completion ended() {
        transferring = false;
        var now = registers;
        registers = new Registers(now.source, now.destination, now.count, now.command & ~RUN);
        if ((now.command & INTERRUPT) != 0) {
            interrupt.run();
        }
        return Completion.DONE;
    }

    private void report(Throwable error) {
        if (error instanceof DeviceException refused) {
            context.log().warn("DMA: {} {}", refused.errno(), refused.getMessage());
        } else {
            context.log().error("DMA", error);
        }
    }
}
