package io.vfiouser.devices.serial;

import io.vfiouser.device.outcome.Completion;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.slf4j.Logger;

/// Hands what the guest sends to the backend, one piece at a time. Belongs to the device's loop.
final class SerialOutput {
    private final SerialBackend backend;
    private final Runnable wake;
    private final Supplier<Logger> log;
    private final ByteBuffer piece = ByteBuffer.allocate(ByteFifo.CAPACITY);
    private boolean sending;
    private volatile boolean sent;

    /// @param wake has the loop call [#drain] again, from any thread
    /// @param log the device's, for whoever is its client now
    SerialOutput(SerialBackend backend, Runnable wake, Supplier<Logger> log) {
        this.backend = backend;
        this.wake = wake;
        this.log = log;
    }

    /// Takes what the UART has, unless the backend is still busy with the piece before.
    void drain(Uart uart) {
        if (sending && sent) {
            finish(uart);
        }
        while (!sending && uart.hasOutput()) {
            piece.clear();
            uart.takeOutput(piece);
            sending = true;
            sent = false;
            piece.flip();
            switch (Completion.attempt(() -> backend.transmit(piece)).recover(this::lost)) {
                case Completion.Done _ -> finish(uart);
                case Completion.Pending(var stage) -> {
                    var _ = stage.thenRun(this::pieceSent);
                    return;
                }
            }
        }
    }

    private void finish(Uart uart) {
        sending = false;
        uart.outputTaken();
    }

    private void pieceSent() {
        sent = true;
        wake.run();
    }

    private void lost(Throwable error) {
        log.get().warn("serial backend: bytes of the guest are lost", error);
    }
}
