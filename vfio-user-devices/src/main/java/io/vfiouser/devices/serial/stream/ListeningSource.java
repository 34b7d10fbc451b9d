package io.vfiouser.devices.serial.stream;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.Optional;

/// Peers that connect to a socket, one at a time: the next one waits until the one before has gone.
public final class ListeningSource implements StreamSource {
    private final ServerSocketChannel socket;
    private final Runnable afterClose;

    /// A source that accepts.
    ///
    /// @param socket bound, blocking; closed with this source
    /// @param afterClose what is to be done once it is closed, such as removing a file
    public ListeningSource(ServerSocketChannel socket, Runnable afterClose) {
        this.socket = Objects.requireNonNull(socket, "socket");
        this.afterClose = Objects.requireNonNull(afterClose, "afterClose");
    }

    @Override
    public Optional<StreamPair> next() throws IOException {
        SocketChannel peer = socket.accept();
        return Optional.of(new StreamPair(peer, peer, true));
    }

    @Override
    public void close() throws IOException {
        try {
            socket.close();
        } finally {
            afterClose.run();
        }
    }
}
