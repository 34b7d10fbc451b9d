package io.vfiouser.trace.capture;

import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.server.observe.MessageTap;
import io.vfiouser.server.observe.TappedMessage;
import io.vfiouser.trace.TracedMessage;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Puts what a tap sees into a [Capture], and with it the contents of client memory, if asked for.
///
/// Messages come on one thread at a time; closing it, from any thread, releases the client memory
/// that it looks at.
public final class CaptureTap implements MessageTap, AutoCloseable {
    private final Capture capture;
    private final String device;
    private final @Nullable MemoryWatch memory;

    CaptureTap(Capture capture, String device, long memory) {
        this.capture = capture;
        this.device = device;
        this.memory = memory == 0 ? null : new MemoryWatch(memory);
    }

    @Override
    public void message(TappedMessage message) {
        if (memory != null) {
            memory.changes(
                    message,
                    (iova, bytes) ->
                            capture.add(
                                    new CaptureRecord.Memory(
                                            message.time(),
                                            device,
                                            message.session(),
                                            message.direction(),
                                            iova,
                                            bytes)));
        }
        capture.add(new CaptureRecord.Message(TracedMessage.of(device, message)));
    }

    @Override
    public void interrupt(long session, IrqIndex index, int vector) {
        capture.add(
                new CaptureRecord.Interrupt(Instant.now(), device, session, index.index(), vector));
    }

    @Override
    public void sessionEnded(long session, String reason) {
        if (memory != null) {
            memory.clear(session);
        }
        capture.add(new CaptureRecord.SessionEnd(Instant.now(), device, session, reason));
    }

    @Override
    public void close() {
        if (memory != null) {
            memory.close();
        }
    }
}
