package io.vfiouser.devices.nvme;

import static io.vfiouser.devices.nvme.NvmeHost.CREATE_CQ;
import static io.vfiouser.devices.nvme.NvmeHost.CREATE_SQ;
import static io.vfiouser.devices.nvme.NvmeHost.DATA;
import static io.vfiouser.devices.nvme.NvmeHost.RAM;
import static io.vfiouser.devices.nvme.NvmeHost.READ;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.BlockProperties;
import io.vfiouser.devices.block.BlockRequest;
import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.nvme.HostQueue.Answer;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Registers, life cycle and admin commands.
class NvmeControllerTest {
    private static final int DISK = 1 << 24;
    private static final int CODE = 0x7ff;
    private static final int READY = 1;
    private static final int FATAL = 2;
    private static final int DELETE_SQ = 0x00;
    private static final int GET_LOG = 0x02;
    private static final int DELETE_CQ = 0x04;
    private static final int ABORT = 0x08;
    private static final int SET_FEATURES = 0x09;
    private static final int GET_FEATURES = 0x0a;
    private static final int EVENT = 0x0c;
    private static final int KEEP_ALIVE = 0x18;
    private static final int DOORBELL_BUFFER = 0x7c;
    private static final int FORMAT = 0x80;

    @Test
    void comesUpAndGoesDown() {
        try (var host = NvmeHost.withDisk(DISK)) {
            assertThat(host.tester.read("CAP")).isEqualTo(0x0040_0030_1e01_0fffL);
            assertThat(host.tester.read("VS")).isEqualTo(0x0001_0400);
            assertThat(host.tester.read("CSTS")).isZero();

            host.enable();
            assertThat(host.tester.read("CSTS")).isEqualTo(READY);

            host.tester.write("CC", 0x46_4001);
            host.tester.runTasks();
            assertThat(host.tester.read("CSTS")).as("shutdown complete").isEqualTo(READY | 8);

            host.tester.write("CC", 0x46_0000);
            assertThat(host.tester.read("CSTS")).isZero();
            assertThat(host.tester.read("ASQ")).as("kept by a controller reset").isEqualTo(RAM);
        }
    }

    @ParameterizedTest
    @CsvSource({"0x460011, 0xf000f", "0x460281, 0xf000f", "0x460801, 0xf000f", "0x460001, 0xf"})
    void configurationThatMakesNoSenseIsFatal(String cc, String aqa) {
        try (var host = NvmeHost.withDisk(DISK)) {
            host.tester.write("AQA", Long.decode(aqa));
            host.tester.write("ASQ", RAM);
            host.tester.write("ACQ", RAM + 0x1000);
            host.tester.write("CC", Long.decode(cc));

            assertThat(host.tester.read("CSTS")).isEqualTo(FATAL);
        }
    }

    @Test
    void ringNowhereIsFatalUntilAReset() {
        try (var host = NvmeHost.withDisk(DISK)) {
            host.tester.write("AQA", 0xf_000f);
            host.tester.write("ASQ", 0x7000_0000L);
            host.tester.write("ACQ", RAM);
            host.tester.write("CC", 0x46_0001);
            host.tester.write(0, 0x1000, 4, 1);
            host.tester.runTasks();
            assertThat(host.tester.read("CSTS")).isEqualTo(READY | FATAL);

            host.tester.write("CC", 0);
            assertThat(host.tester.read("CSTS")).isZero();
            host.enable();
            assertThat(host.identify(1, 0).get(LittleEndian.SHORT, 0)).isEqualTo((short) 0x1af4);
        }
    }

    @Test
    void completionRingNowhereIsFatal() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            host.tester.write("CC", 0);
            host.tester.write("ACQ", 0x7000_0000L);
            host.tester.write("CC", 0x46_0001);
            host.admin();
            host.at(RAM).fill((byte) 0);
            host.tester.write(0, 0x1000, 4, 1);
            host.tester.runTasks();

            assertThat(host.tester.read("CSTS")).isEqualTo(READY | FATAL);
        }
    }

    @Test
    void resetsPutEverythingBack() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            host.queue(1);

            host.tester.reset(ResetReason.FUNCTION_LEVEL_RESET);
            assertThat(host.tester.read("CC")).isZero();
            assertThat(host.tester.read("CSTS")).isZero();
            assertThat(host.tester.read("ASQ")).isZero();

            host.enable().queue(1);
            host.tester.write("NSSR", 0x4e56_4d65);
            assertThat(host.tester.read("CSTS")).as("NSSRO").isEqualTo(0x10);
            host.tester.write("CSTS", 0x10);
            assertThat(host.tester.read("CSTS")).isZero();
            host.enable().queue(1);
        }
    }

    @Test
    void identifiesItself() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            MemorySegment controller = host.identify(1, 0);
            byte[] serial = host.bytes(DATA + 4, 20);
            assertThat(new String(serial, StandardCharsets.US_ASCII)).isEqualTo("%-20s", "test");
            assertThat(controller.get(LittleEndian.INT, 516)).as("namespaces").isEqualTo(1);

            MemorySegment namespace = host.identify(0, 1);
            assertThat(namespace.get(LittleEndian.LONG, 0)).isEqualTo(DISK / 512);
            assertThat(host.identify(2, 0).get(LittleEndian.LONG, 0)).isEqualTo(1);
            assertThat(host.identify(2, 1).get(LittleEndian.LONG, 0)).isZero();
            assertThat(host.identify(3, 1).get(LittleEndian.INT, 0)).isEqualTo(0x1003);
            assertThat(host.identify(0x13, 0).get(LittleEndian.INT, 0)).isEqualTo(1);
            assertThat(status(host, HostCommand.of(0x06).data(DATA).dword(10, 6))).isEqualTo(2);
            assertThat(status(host, HostCommand.of(0x06).data(DATA).namespace(9))).isEqualTo(0xb);
        }
    }

    @Test
    void refusesQueuesThatMakeNoSense() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            long ring = RAM + 0x2_0000;
            assertThat(create(host, CREATE_CQ, ring, 15, 0, 1)).as("id 0").isEqualTo(0x101);
            assertThat(create(host, CREATE_CQ, ring, 15, 65, 1)).as("id 65").isEqualTo(0x101);
            assertThat(create(host, CREATE_CQ, ring, 0, 1, 1)).as("one entry").isEqualTo(0x102);
            assertThat(create(host, CREATE_CQ, ring, 4096, 1, 1)).as("4097").isEqualTo(0x102);
            assertThat(create(host, CREATE_CQ, ring, 15, 1, 0)).as("scattered").isEqualTo(0x02);
            assertThat(create(host, CREATE_CQ, ring, 15, 1, 65 << 16 | 1))
                    .as("vector 65")
                    .isEqualTo(0x108);
            assertThat(create(host, CREATE_CQ, ring + 8, 15, 1, 1)).isEqualTo(0x13);
            assertThat(create(host, CREATE_CQ, 0x7000_0000L, 15, 1, 1)).isEqualTo(0x02);
            assertThat(create(host, CREATE_SQ, ring, 15, 1, 1 << 16 | 1))
                    .as("no completion queue")
                    .isEqualTo(0x100);
            assertThat(create(host, CREATE_SQ, ring, 15, 1, 1)).as("CQ 0").isEqualTo(0x101);
            host.queue(1);
            assertThat(create(host, CREATE_CQ, ring, 15, 1, 1)).as("twice").isEqualTo(0x101);
            assertThat(create(host, CREATE_SQ, ring, 15, 1, 1 << 16 | 1)).isEqualTo(0x101);
        }
    }

    @Test
    void deletesQueuesInOrder() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            host.queue(1);
            assertThat(status(host, HostCommand.of(DELETE_CQ).dword(10, 1))).isEqualTo(0x10c);
            assertThat(status(host, HostCommand.of(DELETE_SQ).dword(10, 0))).isEqualTo(0x101);
            assertThat(status(host, HostCommand.of(DELETE_SQ).dword(10, 1))).isZero();
            assertThat(status(host, HostCommand.of(DELETE_CQ).dword(10, 1))).isZero();
            assertThat(status(host, HostCommand.of(DELETE_CQ).dword(10, 1))).isEqualTo(0x101);
            host.queue(1);
        }
    }

    @Test
    void severalQueuePairsSideBySide() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            for (int id = 1; id <= 7; id++) {
                NvmeHost.requireSuccess(
                        host.queue(id, 256).run(HostCommand.io(READ, id, 1).data(DATA)));
            }
        }
    }

    @Test
    void featuresKeepWhatIsSet() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue admin = host.admin();
            assertThat(admin.run(feature(GET_FEATURES, 7, 0)).result()).isEqualTo(0x3f_003fL);
            assertThat(admin.run(feature(SET_FEATURES, 7, 0x3_0003)).result())
                    .isEqualTo(0x3f_003fL);
            assertThat(status(host, feature(SET_FEATURES, 7, 0xffff))).isEqualTo(0x02);
            NvmeHost.requireSuccess(admin.run(feature(SET_FEATURES, 8, 0x1234)));
            assertThat(admin.run(feature(GET_FEATURES, 8, 0)).result()).isEqualTo(0x1234);
            assertThat(admin.run(feature(GET_FEATURES, 8 | 1 << 8, 0)).result()).isZero();
            assertThat(admin.run(feature(GET_FEATURES, 8 | 3 << 8, 0)).result()).isEqualTo(4);
            assertThat(status(host, feature(SET_FEATURES, 8 | 1 << 31, 0))).isEqualTo(0x10d);
            assertThat(status(host, feature(SET_FEATURES, 8, 0).namespace(1))).isEqualTo(0x10f);
            assertThat(status(host, feature(SET_FEATURES, 2, 1))).isEqualTo(0x02);
            assertThat(status(host, feature(GET_FEATURES, 0x7f, 0))).isEqualTo(0x02);
            host.queue(1);
            assertThat(status(host, feature(SET_FEATURES, 7, 0))).isEqualTo(0x0c);
        }
    }

    @Test
    void timestampGoesOnFromWhereItWasSet() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            host.at(DATA).set(LittleEndian.LONG, 0, 1_700_000_000_000L);
            NvmeHost.requireSuccess(host.admin().run(feature(SET_FEATURES, 0xe, 0).data(DATA)));
            NvmeHost.requireSuccess(host.admin().run(feature(GET_FEATURES, 0xe, 0).data(DATA)));

            long value = host.at(DATA).get(LittleEndian.LONG, 0);
            assertThat(value & 0xffff_ffff_ffffL).isBetween(1_700_000_000_000L, 1_700_000_060_000L);
            assertThat(value >>> 49).as("set by the host").isEqualTo(1);
        }
    }

    @Test
    void wrongDoorbellsAreReportedOnce() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            host.admin().put(HostCommand.of(EVENT).id(77));
            host.admin().ring();
            host.tester.runTasks();
            assertThat(host.admin().take()).isEmpty();

            host.tester.write(0, 0x1000 + 8 * 9, 4, 1);
            host.tester.write(0, 0x1000 + 8 * 9, 4, 1);
            host.tester.runTasks();

            Answer event = host.admin().take().getFirst();
            assertThat(event.commandId()).isEqualTo(77);
            assertThat(event.result()).as("error, no such doorbell, page 1").isEqualTo(0x1_0000);
        }
    }

    @Test
    void eventRequestsAreLimitedAndCanBeAborted() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue admin = host.admin();
            for (int i = 0; i < 5; i++) {
                admin.put(HostCommand.of(EVENT).id(i));
            }
            admin.ring();
            host.tester.runTasks();
            assertThat(admin.take())
                    .extracting(Answer::commandId, answer -> answer.status() & CODE)
                    .containsExactly(tuple(4, 0x105));

            admin.put(HostCommand.of(ABORT).id(9).dword(10, 2 << 16));
            admin.ring();
            host.tester.runTasks();
            assertThat(admin.take())
                    .extracting(Answer::commandId, Answer::status, Answer::result)
                    .containsExactlyInAnyOrder(tuple(2, 0x07, 0L), tuple(9, 0, 0L));
        }
    }

    @Test
    void errorLogHasTheLatestErrorFirst() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);
            queue.run(HostCommand.io(READ, DISK, 1).id(5).data(DATA));
            queue.run(HostCommand.of(0x7f).id(6).namespace(1));

            NvmeHost.requireSuccess(host.admin().run(log(1, 128)));

            MemorySegment log = host.at(DATA);
            assertThat(log.get(LittleEndian.LONG, 0)).isEqualTo(2);
            assertThat(log.get(LittleEndian.SHORT, 8)).as("queue").isEqualTo((short) 1);
            assertThat(log.get(LittleEndian.SHORT, 10)).as("command").isEqualTo((short) 6);
            assertThat(log.get(LittleEndian.SHORT, 12)).isEqualTo((short) (0x4001 << 1));
            assertThat(log.get(LittleEndian.LONG, 64 + 16)).as("LBA").isEqualTo(DISK);
        }
    }

    @Test
    void logPagesHaveTheirEnds() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            for (int page = 1; page <= 5; page++) {
                assertThat(status(host, log(page, 8192))).as("page " + page).isZero();
            }
            assertThat(status(host, log(6, 512))).isEqualTo(0x109);
            assertThat(status(host, log(2, 512).dword(12, 516))).isEqualTo(0x02);
            assertThat(status(host, log(2, 512).dword(12, 2))).isEqualTo(0x02);
            assertThat(status(host, log(2, 512).namespace(1))).isEqualTo(0x02);
        }
    }

    @Test
    void resizeIsNoticed() {
        MemoryBackend disk = MemoryBackend.create(DISK, 2L * DISK);
        try (var host = NvmeHost.of(NvmeDevice.builder(disk).build()).enable()) {
            NvmeHost.requireSuccess(host.admin().run(feature(SET_FEATURES, 0xb, 1 << 8)));
            host.admin().put(HostCommand.of(EVENT).id(3));
            host.admin().ring();
            host.tester.runTasks();

            disk.resize(2L * DISK);
            host.tester.runTasks();

            assertThat(host.admin().take()).extracting(Answer::result).containsExactly(0x4_0002L);
            host.admin().acknowledge();
            assertThat(host.identify(0, 1).get(LittleEndian.LONG, 0)).isEqualTo(2 * DISK / 512);
            NvmeHost.requireSuccess(host.admin().run(log(4, 4096)));
            assertThat(host.at(DATA).get(LittleEndian.INT, 0)).isEqualTo(1);
        }
    }

    @Test
    void formatChangesTheBlockSizeAndErases() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);
            host.fill(DATA, 4096, 1);
            NvmeHost.requireSuccess(queue.run(HostCommand.io(0x01, 0, 8).data(DATA)));

            assertThat(status(host, HostCommand.of(FORMAT).namespace(1).dword(10, 2)))
                    .isEqualTo(0x10a);
            assertThat(status(host, HostCommand.of(FORMAT).namespace(1).dword(10, 1))).isZero();

            assertThat(host.identify(0, 1).get(LittleEndian.LONG, 0)).isEqualTo(DISK / 4096);
            NvmeHost.requireSuccess(queue.run(HostCommand.io(READ, 0, 1).data(DATA)));
            assertThat(host.bytes(DATA, 4096)).containsOnly(0);
        }
    }

    @Test
    void silentHostIsTakenForDead() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            NvmeHost.requireSuccess(host.admin().run(feature(SET_FEATURES, 0xf, 1500)));
            host.tester.advance(Duration.ofMillis(1900));
            NvmeHost.requireSuccess(host.admin().run(HostCommand.of(KEEP_ALIVE)));
            host.tester.advance(Duration.ofMillis(1900));
            assertThat(host.tester.read("CSTS")).isEqualTo(READY);

            host.tester.advance(Duration.ofMillis(200));

            assertThat(host.tester.read("CSTS")).isEqualTo(READY | FATAL);
        }
    }

    @Test
    void pinIsHighWhileEntriesAreUnseen() {
        try (var host = NvmeHost.withDisk(DISK)) {
            host.tester.disarm(IrqIndex.MSIX);
            host.tester.arm(IrqIndex.INTX);
            host.enable();
            host.admin().put(HostCommand.of(GET_FEATURES).dword(10, 7));
            host.admin().ring();
            host.tester.runTasks();
            assertThat(host.tester.isRaised(IrqIndex.INTX, 0)).isTrue();

            host.tester.write("INTMS", 1);
            assertThat(host.tester.isRaised(IrqIndex.INTX, 0)).isFalse();
            host.tester.write("INTMC", 1);
            assertThat(host.tester.isRaised(IrqIndex.INTX, 0)).isTrue();

            host.admin().take();
            host.admin().acknowledge();
            assertThat(host.tester.isRaised(IrqIndex.INTX, 0)).isFalse();
        }
    }

    @Test
    void shadowDoorbellsNeedNoRegisterWrites() {
        try (var host = NvmeHost.withDisk(DISK).enable()) {
            HostQueue queue = host.queue(1);
            long shadow = DATA + 0x10_0000;
            long events = shadow + 0x1000;
            NvmeHost.requireSuccess(
                    host.admin().run(HostCommand.of(DOORBELL_BUFFER).data(shadow, events)));
            queue.put(HostCommand.io(READ, 0, 1).id(1).data(DATA));
            queue.put(HostCommand.io(READ, 1, 1).id(2).data(DATA));
            host.at(shadow).set(LittleEndian.INT, 8, 2);

            host.tester.write(0, 0x1008, 4, 1);
            host.tester.runTasks();

            assertThat(queue.take()).as("both, though one was rung for").hasSize(2);
            assertThat(host.at(events).get(LittleEndian.INT, 8)).as("event index").isEqualTo(2);
        }
    }

    @Test
    void mappedDoorbellsAreFoundWithoutMessages() {
        var device =
                NvmeDevice.builder(MemoryBackend.create(DISK))
                        .doorbells(NvmeDoorbells.MAPPED)
                        .build();
        try (var host = NvmeHost.of(device)) {
            MemorySegment bar = doorbellsOf(host);
            host.enable();
            host.admin().put(HostCommand.of(GET_FEATURES).id(1).dword(10, 7));
            bar.set(LittleEndian.INT, 0x1000, 1);
            host.tester.runTasks(); // to the end of the device's patience
            assertThat(host.admin().take()).hasSize(1);

            host.admin().put(HostCommand.of(GET_FEATURES).id(2).dword(10, 7));
            bar.set(LittleEndian.INT, 0x1004, 1);
            bar.set(LittleEndian.INT, 0x1000, 2);
            host.tester.advance(Duration.ofMillis(20));
            assertThat(host.admin().take()).hasSize(1);
        }
    }

    @Test
    void mappedDoorbellsAreLookedForOnceSlowStorageHasAnswered() {
        var disk = new HoldingBackend(DISK);
        var device = NvmeDevice.builder(disk).doorbells(NvmeDoorbells.MAPPED).build();
        try (var host = NvmeHost.of(device)) {
            MemorySegment bar = doorbellsOf(host);
            HostQueue queue = host.enable().queue(1);
            disk.hold();
            queue.put(HostCommand.io(READ, 0, 1).id(1).data(DATA));
            bar.set(LittleEndian.INT, 0x1008, 1);
            host.tester.advance(Duration.ofSeconds(1)); // it looks every ten milliseconds now
            assertThat(disk.held()).isEqualTo(1);

            disk.release();
            queue.put(HostCommand.io(READ, 0, 1).id(2).data(DATA));
            bar.set(LittleEndian.INT, 0x1008, 2);
            host.tester.runTasks();

            assertThat(queue.take()).extracting(Answer::commandId).containsExactly(1, 2);
        }
    }

    @Test
    void mappedDoorbellsAreLookedForAfterWorkThatTookLong() {
        var rings = new AtomicReference<Runnable>(() -> {});
        var disk =
                new BlockBackend() {
                    private final MemoryBackend memory = MemoryBackend.create(DISK);

                    @Override
                    public BlockProperties properties() {
                        return memory.properties();
                    }

                    @Override
                    public void submit(BlockRequest request) {
                        LockSupport.parkNanos(1_000_000); // longer than the device's patience
                        rings.get().run();
                        memory.submit(request);
                    }

                    @Override
                    public void submitted() {
                        memory.submitted();
                    }

                    @Override
                    public void close() {
                        memory.close();
                    }
                };
        var device = NvmeDevice.builder(disk).doorbells(NvmeDoorbells.MAPPED).build();
        try (var host = NvmeHost.of(device)) {
            MemorySegment bar = doorbellsOf(host);
            HostQueue queue = host.enable().queue(1);
            int tail = bar.get(LittleEndian.INT, 0x1000);
            host.admin().put(HostCommand.of(GET_FEATURES).id(77).dword(10, 7));
            rings.set(() -> bar.set(LittleEndian.INT, 0x1000, tail + 1));
            queue.put(HostCommand.io(READ, 0, 1).id(1).data(DATA));
            bar.set(LittleEndian.INT, 0x1008, 1);
            List<Answer> answers = List.of();
            for (int i = 0; i < 400 && answers.isEmpty(); i++) { // not past the next look
                host.tester.advance(Duration.ofNanos(50_000));
                answers = queue.take();
            }

            assertThat(answers).extracting(Answer::commandId).containsExactly(1);
            assertThat(host.admin().take()).extracting(Answer::commandId).containsExactly(77);
        }
    }

    private static MemorySegment doorbellsOf(NvmeHost host) {
        return host.tester
                .layout()
                .bar(0)
                .orElseThrow()
                .region()
                .mappable()
                .orElseThrow()
                .memory()
                .segment();
    }

    private static int status(NvmeHost host, HostCommand command) {
        return host.admin().run(command).status() & CODE;
    }

    private static int create(NvmeHost host, int opcode, long ring, int size, int id, int dword) {
        return status(
                host,
                HostCommand.of(opcode).data(ring).dword(10, size << 16 | id).dword(11, dword));
    }

    private static HostCommand feature(int opcode, int id, int value) {
        return HostCommand.of(opcode).dword(10, id).dword(11, value);
    }

    private static HostCommand log(int page, int size) {
        int dwords = size / 4 - 1;
        return HostCommand.of(GET_LOG).data(DATA, DATA + 0x1000).dword(10, page | dwords << 16);
    }
}
