package io.vfiouser.trace.replay;

import io.netty.buffer.ByteBuf;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.irq.IrqLine;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.trace.replay.RecordedStep.Access;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a recorded device did by itself: interrupts, writes to client memory. One client's.
final class ReplayEffects {
    private static final Logger LOG = LoggerFactory.getLogger(ReplayEffects.class);

    /// A VMM may take the level back by itself, as QEMU does on any access to a BAR, before the
    /// guest has seen it.
    private static final int MAX_REPEATS = 4;

    private final List<RecordedStep> steps;
    private final DeviceContext context;
    private final boolean memory;
    private final boolean level;
    private Optional<IrqLine> raised = Optional.empty();

    /// How often the line that is raised may fire again before it is taken back.
    private int repeats;

    /// Writes of the driver, whatever became of them.
    private long writes;

    /// What they were when the interrupt that was raised last became due.
    private long raisedFor = -1;

    private int next;
    private Instant since;

    /// @param memory whether client memory is written
    /// @param level whether INTx is a level, which the recorded client unmasked after each time
    ReplayEffects(List<RecordedStep> steps, DeviceContext context, boolean memory, boolean level) {
        this.steps = steps;
        this.context = context;
        this.memory = memory;
        this.level = level;
        this.since = steps.isEmpty() ? Instant.EPOCH : steps.getFirst().time();
        if (level) {
            context.watchMasks(IrqIndex.INTX, (_, _, masked) -> masksChanged(masked));
        }
    }

    /// Everything before a step can happen: memory is written at once, interrupts come as long
    /// after the last write as they did.
    ///
    /// @return done when the memory is written
    Completion upTo(int frontier) {
        Completion written = Completion.DONE;
        for (; next < frontier; next++) {
            switch (steps.get(next)) {
                case Access access when access.write() -> since = access.time();
                case RecordedStep.Interrupt irq -> schedule(irq);
                case RecordedStep.Memory contents when memory ->
                        written = written.then(() -> write(contents));
                case Access _, RecordedStep.Reset _, RecordedStep.Memory _ -> {}
            }
        }
        return written;
    }

    private void schedule(RecordedStep.Interrupt irq) {
        Duration after = Duration.between(since, irq.time());
        long dueFor = writes;
        context.schedule(
                after.isNegative() ? Duration.ZERO : after,
                () -> fire(context.irq(irq.index(), irq.vector()), irq.index(), dueFor));
    }

    private void fire(IrqLine line, IrqIndex index, long dueFor) {
        if (!level || index != IrqIndex.INTX) {
            line.trigger();
        } else if (raisedFor == dueFor && writes != dueFor) {
            // The same level fired more than once then. This time the driver has been faster.
            line.trigger();
        } else {
            raisedFor = dueFor;
            repeats = MAX_REPEATS;
            raised = Optional.of(line);
            line.raise();
        }
    }

    /// The driver writes to the device: it has dealt with the interrupt. If not, the device fired
    /// once more.
    void written() {
        writes++;
        lower();
    }

    /// A driver that deals with its interrupt by reading, or by nothing that is recorded, must not
    /// be interrupted for ever.
    private void masksChanged(boolean masked) {
        if (!masked && raised.isPresent()) {
            repeats--;
            if (repeats <= 0) {
                lower();
            }
        }
    }

    private void lower() {
        raised.ifPresent(IrqLine::lower);
        raised = Optional.empty();
    }

    private Completion write(RecordedStep.Memory contents) {
        ByteBuf data = contents.data();
        byte[] bytes = new byte[data.readableBytes()];
        data.getBytes(data.readerIndex(), bytes);
        return Completion.attempt(
                        () -> context.memory().write(contents.iova(), MemorySegment.ofArray(bytes)))
                .recover(error -> {
                    if (!(error instanceof DeviceException)) {
                        LOG.warn("[{}] memory of the recording", context.name(), error);
                    } else {
                        LOG.warn(
                                "[{}] departs from the recording: no memory at 0x{} for packet {}:"
                                        + " {}",
                                context.name(),
                                Long.toHexString(contents.iova()),
                                contents.packet(),
                                error.getMessage());
                    }
                });
    }
}
