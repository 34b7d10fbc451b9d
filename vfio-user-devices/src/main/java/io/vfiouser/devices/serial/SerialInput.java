package io.vfiouser.devices.serial;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// What the backend has for the guest, handed from its threads to the device's loop.
final class SerialInput implements SerialPort {
    private final Runnable wake;
    private final AtomicReference<@Nullable Piece> waiting = new AtomicReference<>();
    private volatile boolean carrier;
    private volatile boolean closed;

    /// @param bytes none for a break
    private record Piece(@Nullable ByteBuffer bytes, CompletableFuture<@Nullable Void> taken) {}

    /// @param wake has the loop call [#feed], from any thread
    SerialInput(Runnable wake) {
        this.wake = wake;
    }

    @Override
    public CompletionStage<?> receive(ByteBuffer bytes) {
        return give(bytes);
    }

    @Override
    public CompletionStage<?> receiveBreak() {
        return give(null);
    }

    @Override
    public void carrier(boolean present) {
        carrier = present;
        wake.run();
    }

    /// Gives the UART what it has room for. On the device's loop.
    void feed(Uart uart, FlowControl flowControl) {
        uart.carrier(carrier);
        for (Piece next = waiting.get(); next != null; next = waiting.get()) {
            if (!moveAll(next, uart, flowControl)) {
                return;
            }
            waiting.set(null);
            next.taken().complete(null); // whoever waits may give the next ones at once
        }
    }

    /// Nothing is taken any more; what waits is told.
    void close() {
        closed = true;
        refuse(waiting.getAndSet(null));
    }

    private CompletionStage<?> give(@Nullable ByteBuffer bytes) {
        var piece = new Piece(bytes, new CompletableFuture<>());
        if (!waiting.compareAndSet(null, piece)) {
            throw new IllegalStateException(
                    "serial port: bytes are waiting (expected: the stage before is complete)");
        }
        if (closed) {
            refuse(waiting.getAndSet(null));
        } else {
            wake.run();
        }
        return piece.taken();
    }

    private static void refuse(@Nullable Piece piece) {
        if (piece != null) {
            piece.taken().completeExceptionally(new IOException("serial port: closed"));
        }
    }

    private static boolean moveAll(Piece piece, Uart uart, FlowControl flowControl) {
        ByteBuffer bytes = piece.bytes();
        if (bytes == null) {
            boolean taken = accepts(uart, flowControl);
            if (taken) {
                uart.receiveBreak();
            }
            return taken;
        }
        while (bytes.hasRemaining() && accepts(uart, flowControl)) {
            uart.receive(Byte.toUnsignedInt(bytes.get()));
        }
        return !bytes.hasRemaining();
    }

    private static boolean accepts(Uart uart, FlowControl flowControl) {
        return uart.hasRoom() && (flowControl == FlowControl.HOLD || uart.requestsToSend());
    }
}
