package io.vfiouser.devices.serial;

import io.vfiouser.device.outcome.Completion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The other end of the cable in a test: keeps what comes, and can be slow.
final class CableEnd implements SerialBackend {
    final StringBuilder received = new StringBuilder();
    final List<String> pieces = new ArrayList<>();
    final List<String> signals = new ArrayList<>();
    boolean slow;
    boolean closed;
    private @Nullable SerialPort port;
    private CompletableFuture<@Nullable Void> taken = CompletableFuture.completedFuture(null);

    @Override
    public void open(SerialPort port) {
        this.port = port;
    }

    @Override
    public Completion transmit(ByteBuffer bytes) {
        String piece = StandardCharsets.ISO_8859_1.decode(bytes).toString();
        received.append(piece);
        pieces.add(piece);
        if (!slow) {
            return Completion.DONE;
        }
        taken = new CompletableFuture<>();
        return Completion.after(taken);
    }

    @Override
    public void breakChanged(boolean on) {
        signals.add(on ? "break" : "no break");
    }

    @Override
    public void modemControl(boolean dataTerminalReady, boolean requestToSend) {
        signals.add((dataTerminalReady ? "DTR" : "dtr") + " " + (requestToSend ? "RTS" : "rts"));
    }

    @Override
    public void close() {
        closed = true;
    }

    /// Takes the piece that is on the line.
    void take() {
        taken.complete(null);
    }

    void refuse(Throwable error) {
        taken.completeExceptionally(error);
    }

    CompletionStage<?> send(String text) {
        return port().receive(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    SerialPort port() {
        SerialPort plugged = port;
        if (plugged == null) {
            throw new IllegalStateException("cable: not plugged in");
        }
        return plugged;
    }
}
