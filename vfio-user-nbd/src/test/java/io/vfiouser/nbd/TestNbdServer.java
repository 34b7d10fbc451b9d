package io.vfiouser.nbd;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A small NBD server with a disk in memory, which misbehaves as a test wants it to.
final class TestNbdServer implements AutoCloseable {
    static final int ALL_FLAGS =
            NbdWire.SEND_HAS_FLAGS
                    | NbdWire.SEND_FLUSH
                    | NbdWire.SEND_FUA
                    | NbdWire.SEND_TRIM
                    | NbdWire.SEND_WRITE_ZEROES
                    | NbdWire.CAN_MULTI_CONN;

    final byte[] disk;
    final List<String> commands = new CopyOnWriteArrayList<>();
    private final List<Socket> clients = new CopyOnWriteArrayList<>();
    private final ServerSocket listening;
    private final int port;
    private final Thread acceptor;
    volatile int flags = ALL_FLAGS;
    volatile boolean structured = true;
    volatile long size;
    volatile int minimum = 512;
    volatile int maximum = 1 << 16;
    volatile Behaviour behaviour = TestNbdServer::serve;

    TestNbdServer(int size) throws IOException {
        this(new byte[size], 0);
    }

    /// On a port that an earlier server had, with its disk.
    TestNbdServer(byte[] disk, int port) throws IOException {
        this.disk = disk;
        this.size = disk.length;
        this.listening = new ServerSocket();
        listening.setReuseAddress(true);
        listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        this.port = listening.getLocalPort();
        this.acceptor = Thread.ofPlatform().daemon().start(this::accept);
    }

    String uri() {
        return "nbd://127.0.0.1:" + port + "/disk";
    }

    int port() {
        return port;
    }

    /// How many connections there are.
    int clients() {
        return clients.size();
    }

    /// Drops all connections, but takes new ones.
    void dropClients() throws IOException {
        for (Socket client : clients) {
            client.close();
        }
        clients.clear();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        try {
            acceptor.join(); // only then is the port free
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        dropClients();
    }

    /// What happens with one command.
    interface Behaviour {
        void run(TestNbdServer server, Command command, DataOutputStream out) throws IOException;
    }

    /// A command as it came.
    record Command(int flags, int type, long cookie, long offset, int length, ByteBuffer data) {}

    /// The right thing.
    static void serve(TestNbdServer server, Command command, DataOutputStream out)
            throws IOException {
        int from = (int) command.offset();
        int to = from + command.length();
        switch (command.type()) {
            case NbdWire.CMD_READ -> {
                if (server.structured) {
                    server.readInChunks(command, out);
                    return;
                }
                simple(out, command.cookie(), 0);
                out.write(server.disk, from, command.length());
                return;
            }
            case NbdWire.CMD_WRITE -> command.data().get(server.disk, from, command.length());
            case NbdWire.CMD_TRIM, NbdWire.CMD_WRITE_ZEROES ->
                    Arrays.fill(server.disk, from, to, (byte) 0);
            default -> {}
        }
        simple(out, command.cookie(), 0);
    }

    static void simple(DataOutputStream out, long cookie, int error) throws IOException {
        out.writeInt(NbdWire.SIMPLE_REPLY_MAGIC);
        out.writeInt(error);
        out.writeLong(cookie);
    }

    static void chunk(DataOutputStream out, int flags, int type, long cookie, int length)
            throws IOException {
        out.writeInt(NbdWire.STRUCTURED_REPLY_MAGIC);
        out.writeShort(flags);
        out.writeShort(type);
        out.writeLong(cookie);
        out.writeInt(length);
    }

    /// Second half first, then the first half, as a hole if it is zero.
    private void readInChunks(Command command, DataOutputStream out) throws IOException {
        int half = command.length() / 2;
        int from = (int) command.offset();
        int rest = command.length() - half;
        chunk(out, 0, NbdWire.REPLY_OFFSET_DATA, command.cookie(), 8 + rest);
        out.writeLong(command.offset() + half);
        out.write(disk, from + half, rest);
        if (half > 0 && isZero(from, half)) {
            chunk(out, 0, NbdWire.REPLY_OFFSET_HOLE, command.cookie(), 12);
            out.writeLong(command.offset());
            out.writeInt(half);
        } else if (half > 0) {
            chunk(out, 0, NbdWire.REPLY_OFFSET_DATA, command.cookie(), 8 + half);
            out.writeLong(command.offset());
            out.write(disk, from, half);
        }
        chunk(out, NbdWire.REPLY_FLAG_DONE, NbdWire.REPLY_NONE, command.cookie(), 0);
    }

    private boolean isZero(int from, int length) {
        for (int i = from; i < from + length; i++) {
            if (disk[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private void accept() {
        while (true) {
            try {
                Socket client = listening.accept();
                clients.add(client);
                Thread.ofPlatform().daemon().start(() -> talk(client));
            } catch (IOException _) {
                return; // closed
            }
        }
    }

    private void talk(Socket client) {
        try (client) {
            var in = new DataInputStream(new BufferedInputStream(client.getInputStream()));
            var out = new DataOutputStream(new BufferedOutputStream(client.getOutputStream()));
            negotiate(in, out);
            while (true) {
                out.flush();
                Command command = read(in);
                if (command.type() == NbdWire.CMD_DISC) {
                    return;
                }
                commands.add(command.type() + ":" + command.flags() + ":" + command.length());
                behaviour.run(this, command, out);
            }
        } catch (EOFException | SocketException _) {
            return; // the client has gone, or was dropped
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            clients.remove(client);
        }
    }

    private void negotiate(DataInputStream in, DataOutputStream out) throws IOException {
        out.writeLong(NbdWire.GREETING_MAGIC);
        out.writeLong(NbdWire.OPTION_MAGIC);
        out.writeShort(NbdWire.FLAG_FIXED_NEWSTYLE | NbdWire.FLAG_NO_ZEROES);
        out.flush();
        in.readInt();
        while (true) {
            in.readLong();
            int option = in.readInt();
            byte[] data = in.readNBytes(in.readInt());
            if (option == NbdWire.OPT_STRUCTURED_REPLY) {
                optionReply(out, option, structured ? NbdWire.REP_ACK : NbdWire.REP_ERR_UNSUP, "");
            } else if (!new String(data, StandardCharsets.UTF_8).contains("disk")) {
                optionReply(out, option, NbdWire.REP_ERR_UNKNOWN, "what is that\u0007?");
            } else {
                info(out, option);
                optionReply(out, option, NbdWire.REP_ACK, "");
                return;
            }
            out.flush();
        }
    }

    private void info(DataOutputStream out, int option) throws IOException {
        replyHead(out, option, NbdWire.REP_INFO, 12);
        out.writeShort(NbdWire.INFO_EXPORT);
        out.writeLong(size);
        out.writeShort(flags);
        replyHead(out, option, NbdWire.REP_INFO, 14);
        out.writeShort(NbdWire.INFO_BLOCK_SIZE);
        out.writeInt(minimum);
        out.writeInt(4096);
        out.writeInt(maximum);
        replyHead(out, option, NbdWire.REP_INFO, 6);
        out.writeShort(2);
        out.writeBytes("text");
    }

    private static void optionReply(DataOutputStream out, int option, int type, String text)
            throws IOException {
        replyHead(out, option, type, text.length());
        out.writeBytes(text);
    }

    private static void replyHead(DataOutputStream out, int option, int type, int length)
            throws IOException {
        out.writeLong(NbdWire.OPTION_REPLY_MAGIC);
        out.writeInt(option);
        out.writeInt(type);
        out.writeInt(length);
    }

    private static Command read(DataInputStream in) throws IOException {
        in.readInt();
        int flags = in.readUnsignedShort();
        int type = in.readUnsignedShort();
        long cookie = in.readLong();
        long offset = in.readLong();
        int length = in.readInt();
        byte[] data = type == NbdWire.CMD_WRITE ? in.readNBytes(length) : new byte[0];
        return new Command(flags, type, cookie, offset, length, ByteBuffer.wrap(data));
    }
}
