package io.vfiouser.it.handover;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// Some other process that asks to take over, and goes no further than a test wants.
final class Stranger implements AutoCloseable {
    static final int HELLO = 1;
    static final int FREEZE = 3;
    static final int INSTALLED = 6;

    /// Nothing said at all, and each step of a process that takes over but the last.
    static final int[] STEPS = {0, HELLO, FREEZE, INSTALLED};

    private static final int MAGIC = 0x7666_7568;

    private final SocketChannel channel;

    private Stranger(SocketChannel channel) {
        this.channel = channel;
    }

    static Stranger connect(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        return new Stranger(channel);
    }

    /// Says all up to a step, of one device.
    void goTo(int lastStep, String device) throws IOException {
        if (lastStep >= HELLO) {
            hello(1);
            answer();
        }
        if (lastStep >= FREEZE) {
            byte[] name = device.getBytes(StandardCharsets.UTF_8);
            send(
                    FREEZE,
                    ByteBuffer.allocate(6 + name.length)
                            .put((byte) 1)
                            .putInt(name.length)
                            .put(name)
                            .put((byte) 0)
                            .flip());
            answer();
        }
        if (lastStep >= INSTALLED) {
            send(INSTALLED, ByteBuffer.allocate(0));
        }
    }

    void hello(int version) throws IOException {
        send(HELLO, ByteBuffer.allocate(8).putInt(MAGIC).putInt(version).flip());
    }

    /// Some of what the server says.
    String answer() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4096);
        channel.read(bytes);
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
    }

    /// All that the server says until it hangs up.
    String untilTheEnd() throws IOException {
        var all = new StringBuilder();
        for (String more = answer(); !more.isEmpty(); more = answer()) {
            all.append(more);
        }
        return all.toString();
    }

    private void send(int step, ByteBuffer body) throws IOException {
        var message =
                ByteBuffer.allocate(16 + body.remaining())
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putShort((short) 0)
                        .putShort((short) step)
                        .putInt(16 + body.remaining())
                        .putLong(0)
                        .put(body)
                        .flip();
        channel.write(message);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
