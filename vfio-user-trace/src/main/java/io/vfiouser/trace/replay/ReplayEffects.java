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

    private final List<RecordedStep> steps;
    private final DeviceContext context;
    private final boolean memory;
    private final boolean level;
    private Optional<IrqLine> raised = Optional.empty();
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
        context.schedule(
                after.isNegative() ? Duration.ZERO : after,
                () -> fire(context.irq(irq.index(), irq.vector()), irq.index()));
    }

    private void fire(IrqLine line, IrqIndex index) {
        if (level && index == IrqIndex.INTX) {
            raised = Optional.of(line);
            line.raise();
        } else {
            line.trigger();
        }
    }

    /// The driver writes to the device: it has dealt with the interrupt. If not, the device fired
    /// once more.
    void written() {
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
