package io.vfiouser.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vfiouser.codec.MessageDecoder;
import io.vfiouser.codec.MessageEncoder;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.ClientRequest;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.ErrorReply;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.ServerReply;
import io.vfiouser.protocol.Version;
import io.vfiouser.protocol.WireFormat;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/// A client that says exactly what it is told to, one blocking call at a time. It sends no
/// descriptors.
final class RawClient implements AutoCloseable {
    private final SocketChannel socket;
    private int nextId;

    private RawClient(SocketChannel socket) {
        this.socket = socket;
    }

    /// The first socket that Java closes makes it open one more, which it keeps.
    static void useSocketsOnce() throws IOException {
        SocketChannel.open(StandardProtocolFamily.UNIX).close();
    }

    /// Connects and negotiates.
    static RawClient attach(Path path, Capabilities capabilities) throws IOException {
        var client = connect(path);
        client.call(Version.Reply.class, new Version(0, 1, capabilities));
        return client;
    }

    static RawClient connect(Path path) throws IOException {
        SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
        socket.connect(UnixDomainSocketAddress.of(path));
        return new RawClient(socket);
    }

    /// Asks, and takes the good answer.
    <T extends ServerReply> T call(Class<T> type, ClientRequest request) throws IOException {
        int id = send(request, false);
        return type.cast(receive(request, id));
    }

    /// Asks for what must be refused, with a reply of the header only.
    Errno refused(ClientRequest request) throws IOException {
        int id = send(request, false);
        return ((ErrorReply) receive(request, id)).errno();
    }

    /// Sends a request.
    ///
    /// @return its message id
    int send(ClientRequest request, boolean noReply) throws IOException {
        int id = nextId++;
        ByteBuf message = Unpooled.buffer();
        MessageEncoder.encode(message, id, request, noReply);
        ByteBuffer bytes = message.nioBuffer();
        while (bytes.hasRemaining()) {
            socket.write(bytes);
        }
        return id;
    }

    /// Takes the next message, which must be the answer to `request`.
    ServerReply receive(ClientRequest request, int id) throws IOException {
        ByteBuf frame = receiveFrame();
        assertThat(MessageHeader.messageId(frame, 0)).as("message id").isEqualTo(id);
        Command command = Command.of(request.commandId()).orElseThrow();
        ServerReply reply = MessageDecoder.serverReply(command, frame);
        if (reply instanceof ErrorReply) {
            assertThat(frame.readableBytes()).as("error reply").isEqualTo(WireFormat.HEADER_SIZE);
        }
        return reply;
    }

    /// Takes the next message as it is.
    ByteBuf receiveFrame() throws IOException {
        ByteBuffer header = receive(WireFormat.HEADER_SIZE);
        ByteBuf start = Unpooled.wrappedBuffer(header);
        int size = start.getIntLE(WireFormat.HEADER_MESSAGE_SIZE_AT);
        return Unpooled.wrappedBuffer(
                start, Unpooled.wrappedBuffer(receive(size - WireFormat.HEADER_SIZE)));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private ByteBuffer receive(int size) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(size);
        while (bytes.hasRemaining()) {
            if (socket.read(bytes) < 0) {
                throw new EOFException("after " + bytes.position() + " of " + size + " bytes");
            }
        }
        return bytes.flip();
    }
}
