package io.vfiouser.devices.serial.stream;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.devices.serial.SerialBackend;
import io.vfiouser.devices.serial.SerialPort;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Wires a serial port to blocking streams, on virtual threads: one peer at a time, whose presence
/// is the guest's carrier (DCD). What the guest sends while nobody is there is lost, as on a cable
/// without a terminal.
public final class StreamBackend implements SerialBackend {
    private static final Logger LOG = LoggerFactory.getLogger(StreamBackend.class);

    private static final int BUFFER_SIZE = 4096;

    private final String name;
    private final StreamSource source;
    private volatile @Nullable StreamPair peer;
    private volatile boolean closed;

    /// Not opened yet.
    ///
    /// @param name what logs call it
    /// @param source closed with this backend
    public StreamBackend(String name, StreamSource source) {
        this.name = Objects.requireNonNull(name, "name");
        this.source = Objects.requireNonNull(source, "source");
    }

    @Override
    public void open(SerialPort port) {
        Thread.ofVirtual().name("serial-" + name).start(() -> serve(port));
    }

    @Override
    public Completion transmit(ByteBuffer bytes) {
        StreamPair to = peer;
        if (to == null) {
            return Completion.DONE;
        }
        var written = new CompletableFuture<@Nullable Void>();
        Thread.ofVirtual()
                .name("serial-" + name)
                .start(() -> {
                    write(to, bytes);
                    written.complete(null);
                });
        return Completion.after(written);
    }

    @Override
    public void close() {
        closed = true;
        close("source", source);
        StreamPair last = peer;
        if (last != null) {
            close("peer", last);
        }
    }

    private void serve(SerialPort port) {
        try {
            for (var next = source.next(); next.isPresent(); next = source.next()) {
                serve(port, next.get());
            }
        } catch (IOException e) {
            if (closed) {
                LOG.debug("serial {}: closed", name);
            } else {
                LOG.warn("serial {}: no more peers", name, e);
            }
        }
    }

    private void serve(SerialPort port, StreamPair next) {
        peer = next;
        if (closed) { // it may not have seen this one
            close("peer", next);
        }
        port.carrier(true);
        copyToGuest(port, next);
        if (next.endsWithInput()) {
            peer = null;
            port.carrier(false);
            close("peer", next);
        }
    }

    private void copyToGuest(SerialPort port, StreamPair from) {
        var buffer = ByteBuffer.allocate(BUFFER_SIZE);
        try {
            while (from.fromPeer().read(buffer) >= 0) {
                buffer.flip();
                port.receive(buffer).toCompletableFuture().join();
                buffer.clear();
            }
        } catch (IOException | CompletionException e) {
            LOG.debug("serial {}: input ended", name, e);
        }
    }

    private void write(StreamPair to, ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                to.toPeer().write(bytes);
            }
        } catch (IOException e) {
            LOG.debug("serial {}: peer takes no output", name, e);
            if (to.endsWithInput()) {
                close("peer", to); // ends its input too
            } else {
                peer = null;
            }
        }
    }

    private void close(String what, Closeable resource) {
        try {
            resource.close();
        } catch (IOException e) {
            LOG.debug("serial {}: closing the {}", name, what, e);
        }
    }

    /// A source of one peer, which is there from the start.
    static StreamSource only(StreamPair pair) {
        return new StreamSource() {
            private @Nullable StreamPair left = pair;

            @Override
            public Optional<StreamPair> next() {
                StreamPair next = left;
                left = null;
                return Optional.ofNullable(next);
            }

            @Override
            public void close() throws IOException {
                pair.close();
            }
        };
    }
}
