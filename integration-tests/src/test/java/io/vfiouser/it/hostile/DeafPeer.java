package io.vfiouser.it.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.vfiouser.os.Descriptors;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Connections over TCP whose other end never reads: to close one that has something to send and
/// lingers takes as long as it was told to.
final class DeafPeer implements AutoCloseable {
    private static final int LINGER_SECONDS = 30;
    private static final int SMALL = 4096;

    private final Socket listening = Socket.newSocketStream();
    private final List<FileDescriptor> deaf = new ArrayList<>();
    private final InetSocketAddress address;

    DeafPeer() throws IOException {
        listening.setReceiveBufferSize(SMALL);
        listening.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        listening.listen(16);
        address = listening.localAddress();
        Descriptors.setBlocking(listening);
    }

    /// One with a full queue. Whoever closes its last descriptor waits.
    FileDescriptor lingering() throws IOException {
        Socket socket = Socket.newSocketStream();
        Descriptors.setBlocking(socket);
        socket.setSendBufferSize(SMALL);
        assertThat(socket.connect(address)).isTrue();
        deaf.add(new FileDescriptor(listening.accept(new byte[26])));
        Descriptors.setNonBlocking(socket);
        ByteBuffer some = ByteBuffer.allocateDirect(SMALL);
        while (socket.send(some, 0, SMALL) > 0) {
            some.clear();
        }
        socket.setSoLinger(LINGER_SECONDS);
        return socket;
    }

    @Override
    public void close() {
        deaf.forEach(Descriptors::close);
        Descriptors.close(listening);
    }
}
