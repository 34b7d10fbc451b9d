package io.vfiouser.it.handover;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/// An offer that stands before a real one: it lets so many of the real one's messages pass, and
/// then says nothing more, or hangs up.
final class SilentOffer implements AutoCloseable {
    private final Path socket;
    private final Path real;
    private final int passed;
    private final boolean hangsUp;
    private final ServerSocketChannel listening;
    private final Thread thread;

    private SilentOffer(Path real, int passed, boolean hangsUp) throws IOException {
        this.real = real;
        this.socket = real.resolveSibling("silent");
        this.passed = passed;
        this.hangsUp = hangsUp;
        this.listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listening.bind(UnixDomainSocketAddress.of(socket));
        this.thread = Thread.ofPlatform().name("silent-offer").start(this::run);
    }

    /// @param passed how many messages to let pass; OFFER is the first
    static SilentOffer before(Path real, int passed, boolean hangsUp) throws IOException {
        return new SilentOffer(real, passed, hangsUp);
    }

    Path socket() {
        return socket;
    }

    private void run() {
        try (SocketChannel next = listening.accept();
                SocketChannel old = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            old.connect(UnixDomainSocketAddress.of(real));
            pass(next, old); // HELLO
            for (int i = 0; i < passed; i++) {
                pass(old, next);
                pass(next, old); // FREEZE behind OFFER
            }
            int count = hangsUp ? -1 : 0;
            while (count >= 0) { // until it has given up
                count = next.read(ByteBuffer.allocate(4096));
            }
        } catch (IOException e) {
            throw new AssertionError("both ends of a UNIX socket are here", e);
        }
    }

    private static void pass(SocketChannel from, SocketChannel to) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        fill(from, head);
        ByteBuffer whole = ByteBuffer.allocate(head.getInt(4)).put(head.flip());
        fill(from, whole);
        to.write(whole.flip());
    }

    private static void fill(SocketChannel from, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (from.read(bytes) < 0) {
                throw new IOException("end of a message that had begun");
            }
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.delete(socket);
    }
}
