package io.vfiouser.it.cost;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.ResourceLeakDetector;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.os.MessageSocket;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.transport.EventLoops;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// System calls and allocated bytes of the server's loop, for accesses one after the other.
class CostOfAccessTest {
    private static final int ACCESSES = 20_000;
    private static final int MEGABYTE = 1 << 20;

    /// Compiled code allocates nothing; code that is not compiled yet makes an object here and
    /// there.
    private static final double ALLOCATED = 64;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final EventLoopGroup loops = EventLoops.of(1).named("cost").daemon(true).start();
    private final EventLoop loop = loops.next();
    private final VfioUserServer server =
            VfioUserServer.start(ServerOptions.defaults().withEventLoopGroup(loops));

    @TempDir private Path directory;
    private VfioUserClient client;
    private ResourceLeakDetector.Level leakDetection;

    /// Leak detection, at its strictest in tests, allocates a record for every use of a buffer.
    @BeforeEach
    void connect() {
        leakDetection = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
        Path socket = directory.resolve("cost.sock");
        server.serve("cost", new TestDevice(), socket);
        client = VfioUserClient.connect(socket);
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        ResourceLeakDetector.setLevel(leakDetection);
    }

    @Test
    void aReadTakesOneReceiveAndOneSend() {
        Cost cost = costOf(ACCESSES, () -> client.read(0, 16, 4));

        assertThat(cost.calls()).isEqualTo(2.0);
        assertThat(cost.bytes()).isLessThan(ALLOCATED);
    }

    @Test
    void aWriteTakesOneReceiveAndOneSend() {
        Cost cost = costOf(ACCESSES, () -> client.write(0, 16, 4, 7));

        assertThat(cost.calls()).isEqualTo(2.0);
        assertThat(cost.bytes()).isLessThan(ALLOCATED);
    }

    @Test
    void aPostedWriteTakesNoSend() {
        Cost cost =
                costOf(
                        ACCESSES / 100,
                        () -> {
                            for (int i = 0; i < 100; i++) {
                                client.post(0, 16, 4, i);
                            }
                            client.read(0, 16, 4);
                        });

        assertThat(cost.calls()).as("for 100 posted writes and a read").isLessThanOrEqualTo(102);
    }

    /// A socket takes about 200 KiB at once, and less when the client is slow to read.
    @Test
    void aLargeReadIsSentFromWhereTheDeviceWroteIt() {
        Cost cost = costOf(20, () -> client.readBytes(1, 0, MEGABYTE));

        assertThat(cost.calls()).isLessThanOrEqualTo(64);
        assertThat(cost.bytes()).as("no copy on the heap").isLessThan(MEGABYTE / 16.0);
    }

    @Test
    void aLargeWriteIsReceivedToWhereTheDeviceReadsIt() {
        byte[] data = new byte[MEGABYTE];
        Cost cost = costOf(20, () -> client.writeBytes(1, 0, data));

        assertThat(cost.calls()).isLessThanOrEqualTo(128);
        assertThat(cost.bytes()).as("no copy on the heap").isLessThan(MEGABYTE / 16.0);
    }

    /// Of one operation on average, after as many to warm up.
    private Cost costOf(int count, Runnable operation) {
        for (int i = 0; i < count; i++) {
            operation.run();
        }
        long calls = onLoop(MessageSocket::callsOfCurrentThread);
        long bytes = onLoop(THREADS::getCurrentThreadAllocatedBytes);
        for (int i = 0; i < count; i++) {
            operation.run();
        }
        long allAllocated = onLoop(THREADS::getCurrentThreadAllocatedBytes) - bytes;
        long allCalls = onLoop(MessageSocket::callsOfCurrentThread) - calls;
        return new Cost((double) allCalls / count, (double) allAllocated / count);
    }

    private long onLoop(Callable<Long> question) {
        return loop.submit(question).syncUninterruptibly().getNow();
    }

    /// @param calls to receive or to send
    /// @param bytes allocated on the heap
    private record Cost(double calls, double bytes) {}
}
