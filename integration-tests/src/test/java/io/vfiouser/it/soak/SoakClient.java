package io.vfiouser.it.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.client.RawConnection;
import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.RemoteMigration;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.it.nvme.VerifiedWorkload;
import io.vfiouser.it.support.DmaCommands;
import io.vfiouser.nvme.CompletionMode;
import io.vfiouser.nvme.NvmeInitiator;
import io.vfiouser.nvme.NvmeOptions;
import io.vfiouser.os.Errno;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.FileIo;
import io.vfiouser.os.Protection;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.ClientRequest;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.MigrationState;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/// One worker of a soak, with devices of its own: one visit after the other, each of a random kind.
final class SoakClient {
    private static final long IOVA = 0x10_0000;
    private static final int SIZE = 0x1_0000;
    private static final int MSIX = 2;
    private static final int VECTORS = 8;

    private final SoakServer server;
    private final int worker;
    private final Random random;
    private final SoakServer.Sockets sockets;
    private final Map<Visit, Integer> counts = new EnumMap<>(Visit.class);

    /// The kinds of visits.
    enum Visit {
        REGISTERS,
        MAPPED_DMA,
        MESSAGE_DMA,
        INTERRUPTS,
        MANY_MAPS,
        MIGRATION,
        DIRTY_LOG,
        STORAGE,
        FAULTS,
        CUT_MEMORY,
        GARBAGE,
        VANISH,
        COME_AND_GO
    }

    SoakClient(SoakServer server, int worker, long seed) {
        this.server = server;
        this.worker = worker;
        this.random = new Random(seed);
        this.sockets = server.sockets(worker);
    }

    /// How often each kind was done by all of them.
    static Map<String, Integer> totals(List<SoakClient> clients) {
        var totals = new TreeMap<String, Integer>();
        for (SoakClient client : clients) {
            client.counts.forEach((visit, count) ->
                    totals.merge(visit.name().toLowerCase(Locale.ROOT), count, Integer::sum));
        }
        return totals;
    }

    /// Makes each visit once, then any, until it is time.
    void work(Instant until) {
        for (Visit visit : Visit.values()) {
            make(visit);
        }
        while (Instant.now().isBefore(until)) {
            make(Visit.values()[random.nextInt(Visit.values().length)]);
        }
    }

    private void make(Visit visit) {
        switch (visit) {
            case REGISTERS -> registers();
            case MAPPED_DMA -> mappedDma();
            case MESSAGE_DMA -> messageDma();
            case INTERRUPTS -> interrupts();
            case MANY_MAPS -> manyMaps();
            case MIGRATION -> migration();
            case DIRTY_LOG -> dirtyLog();
            case STORAGE -> storage();
            case FAULTS -> faults();
            case CUT_MEMORY -> cutMemory();
            case GARBAGE -> garbage();
            case VANISH -> vanish();
            case COME_AND_GO -> comeAndGo();
        }
        counts.merge(visit, 1, Integer::sum);
    }

    private VfioUserClient connect(Path socket) {
        return VfioUserClient.connect(socket, server.options());
    }

    private void registers() {
        try (var client = connect(sockets.testdev())) {
            byte[] data = bytes(1 + random.nextInt(4096));
            client.writeBytes(0, 0, data);
            assertThat(client.readBytes(0, 0, data.length)).isEqualTo(data);
            byte[] large = bytes(1 << 20);
            client.writeBytes(1, 0, large);
            assertThat(client.readBytes(1, 0, large.length)).isEqualTo(large);
            for (int i = 0; i < 200; i++) {
                client.post(0, 4L * i, 4, i);
            }
            client.reset();
            assertThat(client.read(0, 0, 8)).isZero();
        }
        try (var client = connect(sockets.edu())) {
            long value = random.nextInt();
            client.write(0, 4, 4, value);
            assertThat(client.read(0, 4, 4)).isEqualTo(~value & 0xffff_ffffL);
        }
    }

    private void mappedDma() {
        try (var memory = SharedMemory.create("soak", 2L * SIZE);
                var client = connect(sockets.testdev())) {
            byte[] data = bytes(SIZE);
            MemorySegment.copy(data, 0, memory.segment(), ValueLayout.JAVA_BYTE, 0, SIZE);
            client.dmaMap(IOVA, memory, 0, 2L * SIZE, DmaFlags.READ_WRITE);
            DmaCommands.copy(client, IOVA, IOVA + SIZE, SIZE, 0);
            byte[] copy = memory.segment().asSlice(SIZE, SIZE).toArray(ValueLayout.JAVA_BYTE);
            assertThat(copy).isEqualTo(data);
            if (random.nextBoolean()) {
                client.dmaUnmap(IOVA, 2L * SIZE);
            }
        }
    }

    private void messageDma() {
        try (Arena arena = Arena.ofShared();
                var client = connect(sockets.testdev())) {
            MemorySegment memory = arena.allocate(2L * SIZE);
            byte[] data = bytes(SIZE);
            MemorySegment.copy(data, 0, memory, ValueLayout.JAVA_BYTE, 0, SIZE);
            client.dmaMapWithoutDescriptor(IOVA, memory, DmaFlags.READ_WRITE);
            DmaCommands.copy(client, IOVA, IOVA + SIZE, SIZE, DmaCommands.BY_MESSAGE);
            byte[] copy = memory.asSlice(SIZE, SIZE).toArray(ValueLayout.JAVA_BYTE);
            assertThat(copy).isEqualTo(data);
            client.dmaUnmapAll();
        }
    }

    private void interrupts() {
        try (var client = connect(sockets.testdev())) {
            for (int vector = 0; vector < VECTORS; vector++) {
                var irq = client.irq(MSIX, vector);
                irq.arm();
                client.write(DmaCommands.BAR, 0, 4, vector);
                assertThat(irq.await(SoakServer.PATIENCE)).isEqualTo(1);
                if (random.nextBoolean()) {
                    irq.disarm();
                }
            }
        }
    }

    private void manyMaps() {
        try (var memory = SharedMemory.create("soak", SIZE);
                var client = connect(sockets.testdev())) {
            int count = 1 + random.nextInt(500);
            for (int i = 0; i < count; i++) {
                client.dmaMap(IOVA + (long) i * SIZE, memory, 0, SIZE, DmaFlags.READ_WRITE);
            }
            DmaCommands.copy(client, IOVA, IOVA + (count - 1L) * SIZE, 8, 0);
            if (random.nextBoolean()) {
                client.dmaUnmapAll();
            }
        }
    }

    private void migration() {
        try (var source = connect(sockets.timer());
                var target = connect(sockets.nextTimer())) {
            byte[] data = bytes(0x1000);
            source.writeBytes(1, 0, data);
            RemoteMigration from = source.migration();
            from.changeState(random.nextBoolean() ? MigrationState.PRE_COPY : MigrationState.STOP);
            from.changeState(MigrationState.STOP_COPY);
            RemoteMigration to = target.migration();
            to.changeState(MigrationState.RESUMING);
            byte[] part = from.readData(1 + random.nextInt(0x4000));
            while (part.length > 0) {
                to.writeData(part);
                part = from.readData(1 + random.nextInt(0x4000));
            }
            to.changeState(MigrationState.RUNNING);
            assertThat(target.readBytes(1, 0, data.length)).isEqualTo(data);
        }
    }

    private void dirtyLog() {
        try (var memory = SharedMemory.create("soak", SIZE);
                var client = connect(sockets.timer());
                var tester = connect(sockets.testdev())) {
            for (VfioUserClient each : List.of(client, tester)) {
                each.dmaMap(IOVA, memory, 0, SIZE, DmaFlags.READ_WRITE);
            }
            client.migration().startLogging(4096);
            assertThat(client.migration().dirtyPages(IOVA, SIZE, 4096).isEmpty()).isTrue();
            client.migration().stopLogging();
        }
    }

    private void storage() {
        var options = NvmeOptions.defaults().withClient(server.options()).withMemorySize(2 << 20);
        try (var nvme = NvmeInitiator.connect(sockets.nvme(), options);
                var queue = nvme.openQueue(CompletionMode.POLLED)) {
            var namespace = nvme.namespaces().getFirst();
            int blocks = (int) namespace.blocks();
            queue.writeZeroes(namespace, 0, blocks, true);
            try (var work =
                    new VerifiedWorkload(
                            nvme, queue, namespace, 0, blocks, 200, random.nextLong())) {
                work.run();
            }
        }
    }

    private void faults() {
        int failed = 0;
        try (var client = connect(sockets.faulty())) {
            for (int i = 0; i < 200; i++) {
                try {
                    client.read(0, 4L * i, 4);
                } catch (RemoteErrorException e) {
                    assertThat(e.errno()).isEqualTo(Errno.EIO);
                    failed++;
                }
            }
        }
        assertThat(failed).isBetween(1, 80);
    }

    /// Memory that is cut short under the device.
    private void cutMemory() {
        Path path = Path.of("/dev/shm/soak-%d-%d".formatted(ProcessHandle.current().pid(), worker));
        try (var file = new RandomAccessFile(path.toFile(), "rw");
                var client = connect(sockets.testdev())) {
            file.setLength(2L * SIZE);
            ClientRequest map = new DmaMap(DmaFlags.READ_WRITE, 0, IOVA, 2L * SIZE);
            var descriptor = FileIo.open(path, Protection.READ_WRITE);
            try (var answer = client.send(map, FdBundle.of(descriptor))) {
                assertThat(answer).isNotNull();
            }
            file.setLength(random.nextInt(SIZE));
            byte[] command = DmaCommands.command(IOVA + SIZE, IOVA, SIZE, 0);
            assertThat(
                            errnoOf(() ->
                                    client.writeBytes(
                                            DmaCommands.BAR, DmaCommands.REGISTER, command)))
                    .isEqualTo(Errno.EFAULT);
            Files.delete(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Errno errnoOf(Runnable call) {
        try {
            call.run();
        } catch (RemoteErrorException e) {
            return e.errno();
        }
        throw new AssertionError("answer: success (expected: an error)");
    }

    private void garbage() {
        try (var client = RawConnection.connect(sockets.testdev(), server.options())) {
            if (random.nextBoolean()) {
                client.negotiate();
            }
            byte[] noise = bytes(16 + random.nextInt(100));
            noise[7] = (byte) 0x80; // a size that no message has
            client.send(noise, FdBundle.of(EventFd.create().fd()));
            assertThat(client.awaitClosed(SoakServer.PATIENCE)).isTrue();
        }
    }

    private void vanish() {
        try (var client = RawConnection.connect(sockets.testdev(), server.options())) {
            client.negotiate();
            byte[] part = {1, 0, 2, 0, 48, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0};
            byte[] sent = Arrays.copyOf(part, 1 + random.nextInt(part.length));
            client.send(sent, FdBundle.of(EventFd.create().fd(), EventFd.create().fd()));
        }
    }

    private void comeAndGo() {
        Path socket = server.serve("guest", worker, new TestDevice());
        if (random.nextBoolean()) {
            try (var client = connect(socket)) {
                client.write(0, 0, 4, 1);
                server.remove("guest", worker);
            }
        } else {
            server.remove("guest", worker);
        }
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }
}
