package io.vfiouser.fuzz;

import io.netty.channel.EventLoopGroup;
import io.vfiouser.devices.block.BlockRequest;
import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.nbd.NbdBackend;
import io.vfiouser.nbd.NbdSettings;
import io.vfiouser.transport.EventLoops;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// An NBD server that answers as it likes, in the negotiation or afterwards: every request ends
/// once, nothing outside its memory is written, and no exception is left over.
///
/// Input: a byte of settings; then either the whole of what the server says, or what it says after
/// a good negotiation as pieces of replies.
public final class NbdFuzz {
    private static final int DATA = 4096;
    private static final int GUARD = 64;
    private static final int REQUESTS = 3;
    private static final int WAIT_SECONDS = 20;
    private static final byte CANARY = 0x5a;

    private NbdFuzz() {}

    /// Runs one input.
    public static void fuzzerTestOneInput(byte[] bytes) {
        var input = new Input(bytes);
        int settings = input.u8();
        byte[] script =
                (settings & 1) == 0 ? input.rest() : afterNegotiation(input, (settings & 2) != 0);
        try {
            serve(script, settings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        World.LOG.check();
    }

    private static void serve(byte[] script, int settings)
            throws IOException, InterruptedException {
        var requests = new ArrayList<Request>();
        // A socket for this input alone: a connection that the client tries anew must not be there.
        Files.deleteIfExists(World.SOCKET);
        try (var listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(UnixDomainSocketAddress.of(World.SOCKET));
            Thread server = Thread.ofPlatform().start(() -> say(listening, script));
            talk(settings, requests);
            server.join();
        }
        for (Request request : requests) {
            request.check();
        }
    }

    private static void talk(int settings, List<Request> requests) throws InterruptedException {
        try {
            var backend = NbdBackend.connect(World.SETTINGS, World.LOOPS.next());
            try {
                for (int i = 0; i < REQUESTS; i++) {
                    var request = new Request(i, (settings & 4 << i) != 0);
                    requests.add(request);
                    backend.submit(request);
                }
                backend.submitted();
                for (Request request : requests) {
                    request.awaitEnd();
                }
            } finally {
                backend.close();
            }
        } catch (IllegalArgumentException _) {
            return; // no export was offered
        }
    }

    /// Takes one client, says all that is to be said, and hangs up once that was heard.
    private static void say(ServerSocketChannel listening, byte[] script) {
        try (SocketChannel client = listening.accept()) {
            ByteBuffer bytes = ByteBuffer.wrap(script);
            while (bytes.hasRemaining()) {
                client.write(bytes);
            }
            client.shutdownOutput();
            ByteBuffer into = ByteBuffer.allocate(1 << 14);
            while (client.read(into) >= 0) {
                into.clear();
            }
        } catch (IOException _) {
            return; // the client hung up, which it may
        }
    }

    private static byte[] afterNegotiation(Input input, boolean structured) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            negotiation(out, structured);
            while (input.hasMore()) {
                switch (input.below(5)) {
                    case 0 -> out.write(input.bytes(input.u8()));
                    case 1 -> {
                        out.writeInt(0x6744_6698);
                        out.writeInt(input.below(3) == 0 ? input.i32() : 0);
                        out.writeLong(1 + input.below(4));
                    }
                    default -> chunk(out, input);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void chunk(DataOutputStream out, Input input) throws IOException {
        int[] types = {0, 1, 2, 0x8001, 0x8002, 5};
        int type = types[input.below(types.length)];
        long cookie = 1L + input.below(4);
        long offset = (cookie - 1) * DATA + input.oneOf(0, 512, 1024, 2048, 4095);
        int size = (int) input.oneOf(512, 1024, 2048, 4096, 0, 1);
        out.writeInt(0x668e_33ef);
        out.writeShort(input.below(3) == 0 ? 0 : 1);
        out.writeShort(type);
        out.writeLong(cookie);
        switch (type) {
            case 1 -> {
                out.writeInt(8 + size);
                out.writeLong(offset);
                out.write(new byte[Math.max(0, Math.min(size, 1 << 14))]);
            }
            case 2 -> {
                out.writeInt(12);
                out.writeLong(offset);
                out.writeInt(size);
            }
            case 0 -> out.writeInt(input.below(8) == 0 ? size : 0);
            default -> {
                byte[] text = input.bytes(input.below(40));
                out.writeInt(6 + text.length);
                out.writeInt(input.u8());
                out.writeShort(input.below(4) == 0 ? input.u16() : text.length);
                out.write(text);
            }
        }
    }

    private static void negotiation(DataOutputStream out, boolean structured) throws IOException {
        out.writeLong(0x4e42_444d_4147_4943L);
        out.writeLong(0x4948_4156_454f_5054L);
        out.writeShort(3);
        optionReply(out, 8, structured ? 1 : 0x8000_0001, 0);
        optionReply(out, 7, 3, 12);
        out.writeShort(0);
        out.writeLong(1 << 20);
        out.writeShort(0x7f & ~2);
        optionReply(out, 7, 1, 0);
    }

    private static void optionReply(DataOutputStream out, int option, int type, int length)
            throws IOException {
        out.writeLong(0x3_e889_0455_65a9L);
        out.writeInt(option);
        out.writeInt(type);
        out.writeInt(length);
    }

    /// One request with memory that has guards around it.
    private static final class Request extends BlockRequest {
        private final MemorySegment memory = MemorySegment.ofArray(new byte[DATA + 2 * GUARD]);
        private final CountDownLatch done = new CountDownLatch(1);
        private int completions;

        Request(int number, boolean writes) {
            memory.fill(CANARY);
            long offset = (long) number * DATA;
            BlockRequest filled = writes ? write(offset, DATA, false) : read(offset, DATA);
            filled.data().add(memory, GUARD, DATA);
        }

        @Override
        protected synchronized void completed(BlockStatus status) {
            completions++;
            done.countDown();
        }

        void awaitEnd() throws InterruptedException {
            if (!done.await(WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("request: never ended");
            }
        }

        void check() {
            synchronized (this) {
                if (completions != 1) {
                    throw new AssertionError("request: ended %d times".formatted(completions));
                }
            }
            for (int i = 0; i < GUARD; i++) {
                if (memory.get(ValueLayout.JAVA_BYTE, i) != CANARY
                        || memory.get(ValueLayout.JAVA_BYTE, DATA + GUARD + i) != CANARY) {
                    throw new AssertionError("memory: written outside of the request");
                }
            }
        }
    }

    /// What is there once for all inputs.
    private static final class World {
        private static final LogWatch LOG = LogWatch.begin();
        private static final EventLoopGroup LOOPS =
                EventLoops.of(1).named("nbd").daemon(true).start();
        private static final Path SOCKET = newDirectory().resolve("nbd.sock");
        private static final NbdSettings SETTINGS =
                NbdSettings.of("nbd+unix:///disk?socket=" + SOCKET)
                        .withConnections(1)
                        .withTimes(Duration.ofSeconds(5), Duration.ZERO);

        private static Path newDirectory() {
            try {
                return Files.createTempDirectory("fuzz-nbd");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
