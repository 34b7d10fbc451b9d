package io.vfiouser.it.cost;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.ResourceLeakDetector;
import io.vfiouser.client.RawConnection;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.nvme.NvmeDevice;
import io.vfiouser.devices.nvme.NvmeDoorbells;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.it.support.DmaCommands;
import io.vfiouser.nvme.CompletionMode;
import io.vfiouser.nvme.NvmeInitiator;
import io.vfiouser.nvme.NvmeNamespace;
import io.vfiouser.nvme.NvmeOptions;
import io.vfiouser.os.MessageSocket;
import io.vfiouser.os.NativeMemory;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.transport.EventLoops;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// System calls and allocated bytes of the server's loop, and how often data is copied: counts that
/// do not depend on the machine, and grow with the first careless line.
///
/// They do depend on what the JVM ran before: what the compiler knows of a call that went to many
/// places is less, and it leaves fewer objects out. The tag gives these tests a JVM of their own.
@Tag("cost")
class CostOfAccessTest {
    private static final int ACCESSES = 10_000;
    private static final int BATCH = 64;
    private static final int MEGABYTE = 1 << 20;

    /// Bytes on the heap for a copy of 4 KiB by the device: leases, segments, the completion.
    private static final long MAPPED_COPY = 256;

    /// The same with two messages to the client: calls, stages and timers of the transfers. Some
    /// 1900 are usual; which objects the compiler leaves out differs from run to run.
    private static final long MESSAGE_COPY = 2560;

    /// Bytes on the heap for an access of 1 MiB, which goes in several parts.
    private static final long LARGE = 1024;

    /// Compiled code allocates nothing; until all of it is compiled, more is tried.
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final EventLoopGroup loops = EventLoops.of(1).named("cost").daemon(true).start();
    private final EventLoop loop = loops.next();
    private final long loopThread = onLoop(() -> Thread.currentThread().threadId());
    private final VfioUserServer server =
            VfioUserServer.start(ServerOptions.defaults().withEventLoopGroup(loops));

    @TempDir private Path directory;
    private Path socket;
    private VfioUserClient client;
    private ResourceLeakDetector.Level leakDetection;

    /// Leak detection, at its strictest in tests, allocates a record for every use of a buffer.
    @BeforeEach
    void connect() {
        leakDetection = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
        socket = directory.resolve("cost.sock");
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

        assertThat(cost).isEqualTo(new Cost(2.0, 0));
    }

    @Test
    void aWriteTakesOneReceiveAndOneSend() {
        Cost cost = costOf(ACCESSES, () -> client.write(0, 16, 4, 7));

        assertThat(cost).isEqualTo(new Cost(2.0, 0));
    }

    /// The signal is a call of its own besides these two.
    @Test
    void anInterruptCostsNoMessage() {
        var irq = client.irq(IrqIndex.MSIX.index(), 0);
        irq.arm();
        Cost cost = costOf(ACCESSES, () -> client.write(DmaCommands.BAR, 0, 4, 0));

        assertThat(irq.await(Duration.ofSeconds(30))).isPositive();
        assertThat(cost).isEqualTo(new Cost(2.0, 0));
    }

    /// What the reads of 64 accesses cost that came together.
    @Test
    void aBatchTakesOneReceiveAndOneSend() {
        client.close();
        byte[] reads = new byte[BATCH * 32];
        for (int i = 0; i < BATCH; i++) {
            MemorySegment read = MemorySegment.ofArray(reads).asSlice(i * 32L, 32);
            read.set(LittleEndian.SHORT, 0, (short) i);
            read.set(LittleEndian.SHORT, 2, (short) Command.REGION_READ.id());
            read.set(LittleEndian.INT, 4, 32);
            read.set(LittleEndian.LONG, 16, 16);
            read.set(LittleEndian.INT, 28, 4);
        }
        try (var raw = RawConnection.connect(socket)) {
            raw.negotiate();
            Cost cost =
                    costOf(
                            ACCESSES / BATCH,
                            () -> {
                                raw.send(reads);
                                for (int i = 0; i < BATCH; i++) {
                                    raw.receive().close();
                                }
                            });

            assertThat(cost).isEqualTo(new Cost(2.0, 0));
        }
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
        assertThat(cost.bytes()).isZero();
    }

    @Test
    void aCopyInMappedMemoryTakesNoMessage() {
        try (SharedMemory memory = SharedMemory.create("cost", 8192)) {
            client.dmaMap(0x1000_0000, memory, 0, 8192, DmaFlags.READ_WRITE);
            byte[] command = DmaCommands.command(0x1000_0000, 0x1000_1000, 4096, 0);
            Cost cost =
                    costOf(
                            ACCESSES,
                            MAPPED_COPY,
                            () ->
                                    client.writeBytes(
                                            DmaCommands.BAR, DmaCommands.REGISTER, command));

            assertThat(cost.calls()).isEqualTo(2.0);
            assertThat(cost.bytes()).as("leases and segments").isLessThanOrEqualTo(MAPPED_COPY);
        }
    }

    /// The command, a DMA_READ and a DMA_WRITE: a receive and a send each.
    @Test
    void aCopyByMessagesTakesTwoMore() {
        MemorySegment memory = NativeMemory.allocate(8192);
        client.dmaMapWithoutDescriptor(0x1000_0000, memory, DmaFlags.READ_WRITE);
        byte[] command =
                DmaCommands.command(0x1000_0000, 0x1000_1000, 4096, DmaCommands.BY_MESSAGE);
        Cost cost =
                costOf(
                        ACCESSES,
                        MESSAGE_COPY,
                        () -> client.writeBytes(DmaCommands.BAR, DmaCommands.REGISTER, command));

        assertThat(cost.calls()).isEqualTo(6.0);
        assertThat(cost.bytes()).as("stages of the transfer").isLessThanOrEqualTo(MESSAGE_COPY);
    }

    /// A socket takes about 200 KiB at once, and less when the client is slow to read.
    @Test
    void aLargeReadIsSentFromTheDevicesMemory() {
        Cost cost = costOf(20, LARGE, () -> client.readBytes(1, 0, MEGABYTE));

        assertThat(cost.calls()).isBetween(2.0, 32.0);
        assertThat(cost.bytes()).as("no copy on the heap").isLessThanOrEqualTo(LARGE);
    }

    @Test
    void aLargeWriteIsReceivedToTheDevicesMemory() {
        byte[] data = new byte[MEGABYTE];
        Cost cost = costOf(20, LARGE, () -> client.writeBytes(1, 0, data));

        assertThat(cost.calls()).isBetween(2.0, 128.0);
        assertThat(cost.bytes()).as("no copy on the heap").isLessThanOrEqualTo(LARGE);
    }

    @ParameterizedTest
    @CsvSource({"true, 0", "false, 1"})
    void aMegabyteIsCopiedByTheDeviceAtMostOnce(boolean plain, int copies) {
        client.close();
        var memory = new CountedMemory(MEGABYTE, plain);
        Path other = directory.resolve("counted.sock");
        server.serve("counted", memory.device(), other);
        byte[] data = new byte[MEGABYTE];
        Arrays.fill(data, (byte) 0x5a);
        try (var counted = VfioUserClient.connect(other)) {
            counted.writeBytes(0, 0, data);
            assertThat(memory.takeCopied()).isEqualTo((long) copies * MEGABYTE);
            assertThat(counted.readBytes(0, 0, MEGABYTE)).isEqualTo(data);
            assertThat(memory.takeCopied()).isEqualTo((long) copies * MEGABYTE);
        }
    }

    /// The tail of the submission queue and the head of the completion queue are posted writes, of
    /// which one receive may bring both.
    @ParameterizedTest
    @CsvSource({"TRAPPED, 2", "MAPPED, 0"})
    void aDiskCommandTakesWhatItsDoorbellsTake(NvmeDoorbells doorbells, double most) {
        client.close();
        Path other = directory.resolve("nvme.sock");
        server.serve(
                "nvme",
                NvmeDevice.builder(MemoryBackend.create(1 << 20)).doorbells(doorbells).build(),
                other);
        try (var nvme = NvmeInitiator.connect(other, NvmeOptions.defaults());
                var queue = nvme.openQueue(CompletionMode.POLLED);
                var buffer = nvme.allocate(4096)) {
            NvmeNamespace disk = nvme.namespaces().getFirst();
            Cost read = costOf(ACCESSES, () -> queue.read(disk, 0, 8, buffer, 0));
            Cost write = costOf(ACCESSES, () -> queue.write(disk, 0, 8, buffer, 0));

            assertThat(List.of(read, write))
                    .allSatisfy(cost -> {
                        assertThat(cost.calls()).isLessThanOrEqualTo(most);
                        assertThat(cost.bytes()).isZero();
                    });
        }
    }

    private Cost costOf(int count, Runnable operation) {
        return costOf(count, 0, operation);
    }

    /// Of one operation on average, once nothing is left to be compiled.
    ///
    /// @param bytes it may allocate
    private Cost costOf(int count, long bytes, Runnable operation) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        Cost cost = costOfNow(count, operation);
        while (cost.bytes() > bytes && System.nanoTime() - deadline < 0) {
            cost = costOfNow(count, operation);
        }
        return cost;
    }

    private Cost costOfNow(int count, Runnable operation) {
        long calls = onLoop(MessageSocket::callsOfCurrentThread);
        long bytes = THREADS.getThreadAllocatedBytes(loopThread);
        for (int i = 0; i < count; i++) {
            operation.run();
        }
        long allAllocated = THREADS.getThreadAllocatedBytes(loopThread) - bytes;
        long allCalls = onLoop(MessageSocket::callsOfCurrentThread) - calls;
        return new Cost((double) allCalls / count, allAllocated / count);
    }

    private long onLoop(Callable<Long> question) {
        return loop.submit(question).syncUninterruptibly().getNow();
    }

    /// @param calls to receive or to send
    /// @param bytes allocated on the heap, whole ones
    private record Cost(double calls, long bytes) {}
}
