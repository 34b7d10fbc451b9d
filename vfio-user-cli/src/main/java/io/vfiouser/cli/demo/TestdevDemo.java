package io.vfiouser.cli.demo;

import io.vfiouser.cli.failure.CommandException;
import io.vfiouser.cli.text.ByteSize;
import io.vfiouser.client.RemoteRegion;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.SparseMmapArea;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/// Uses scratch memory by messages and by mapping, takes an MSI-X interrupt, and has the device
/// copy memory of ours.
final class TestdevDemo implements DeviceDemo {
    private static final int SCRATCH_BAR = 0;
    private static final int MAPPABLE_BAR = 1;
    private static final int BELL_BAR = 2;
    private static final int BELL = 0x00;
    private static final int DMA = 0x08;
    private static final int DMA_NANOS = 0x30;
    private static final int VECTOR = 3;
    private static final long VALUE = 0x1122334455667788L;

    private static final long IOVA = 0x4000_0000L;
    private static final int MEMORY_SIZE = 2 << 20;
    private static final int COPY_SIZE = 1 << 20;

    @Override
    public String type() {
        return "testdev";
    }

    @Override
    public void run(VfioUserClient client, DemoLog log) {
        var driver = new Driver(client, log);
        driver.enable(0x1af4, 0x10f0);
        useRegister(client, log);
        useMapping(client, log);
        String took =
                driver.interrupt(
                        Driver.MSIX, VECTOR, () -> client.write(BELL_BAR, BELL, 4, VECTOR));
        log.step("interrupt", "MSI-X vector " + VECTOR + ", after " + took);
        useDma(client, log);
    }

    private static void useRegister(VfioUserClient client, DemoLog log) {
        client.write(SCRATCH_BAR, 0x10, Long.BYTES, VALUE);
        log.expect("BAR0 at 0x10", VALUE, client.read(SCRATCH_BAR, 0x10, Long.BYTES));
        log.step("register", "BAR0 at 0x10 written and read back: 0x%x".formatted(VALUE));
    }

    private static void useMapping(VfioUserClient client, DemoLog log) {
        RemoteRegion region = client.region(MAPPABLE_BAR);
        if (region.mappableAreas().isEmpty()) {
            throw new CommandException("demo: testdev: BAR1: no area (expected: mappable)");
        }
        SparseMmapArea area = region.mappableAreas().getFirst();
        MemorySegment mapped = region.map(area);
        region.write64(area.offset(), VALUE);
        log.expect("BAR1 as mapped", VALUE, mapped.get(LittleEndian.LONG, 0));
        mapped.set(LittleEndian.LONG, Long.BYTES, ~VALUE);
        log.expect("BAR1 by message", ~VALUE, region.read64(area.offset() + Long.BYTES));
        log.step(
                "mapping",
                "BAR1 mapped, %s: messages and mapping show the same bytes"
                        .formatted(ByteSize.format(area.size())));
    }

    private static void useDma(VfioUserClient client, DemoLog log) {
        try (var memory = SharedMemory.create("demo-client-memory", MEMORY_SIZE)) {
            MemorySegment segment = memory.segment();
            byte[] data = new byte[COPY_SIZE];
            new Random(1).nextBytes(data);
            MemorySegment.copy(MemorySegment.ofArray(data), 0, segment, 0, COPY_SIZE);

            client.dmaMap(IOVA, memory, 0, MEMORY_SIZE, DmaFlags.READ_WRITE);
            client.writeBytes(BELL_BAR, DMA, copyCommand(IOVA, IOVA + COPY_SIZE, COPY_SIZE));
            long differs =
                    segment.asSlice(COPY_SIZE, COPY_SIZE).mismatch(MemorySegment.ofArray(data));
            log.expect("first byte that differs after the copy", -1, differs);
            long nanos = client.read(BELL_BAR, DMA_NANOS, Long.BYTES);
            client.dmaUnmap(IOVA, MEMORY_SIZE);
            log.step(
                    "DMA",
                    "the device copied %s of our memory in %s, compared: equal"
                            .formatted(ByteSize.format(COPY_SIZE), DemoLog.time(nanos)));
        }
    }

    private static byte[] copyCommand(long from, long to, long count) {
        return ByteBuffer.allocate(4 * Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(from)
                .putLong(to)
                .putLong(count)
                .putLong(0)
                .array();
    }
}
