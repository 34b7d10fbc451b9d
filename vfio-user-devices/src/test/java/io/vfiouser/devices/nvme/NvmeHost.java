package io.vfiouser.devices.nvme;

import io.vfiouser.device.Device;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.testkit.DeviceTester;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/// A small NVMe driver on a [DeviceTester]: an admin queue, I/O queues, and memory for data.
final class NvmeHost implements AutoCloseable {
    /// Where the memory is for the device.
    static final long RAM = 0x10_0000;

    /// Bytes of memory.
    static final int RAM_SIZE = 4 << 20;

    /// Where memory for data begins, for the device.
    static final long DATA = RAM + 0x10_0000;

    static final int ENTRIES = 16;
    static final int CREATE_SQ = 0x01;
    static final int CREATE_CQ = 0x05;
    static final int IDENTIFY = 0x06;
    static final int WRITE = 0x01;
    static final int READ = 0x02;

    private static final int ENABLE = 0x46_0001;
    private static final int PAGE = 4096;

    final DeviceTester tester;
    final MemorySegment ram;
    private HostQueue admin;

    private NvmeHost(Device device, boolean direct) {
        tester = DeviceTester.attach(device);
        ram = tester.map(new DmaRange(RAM, RAM_SIZE, true, true, direct));
        tester.arm(IrqIndex.MSIX);
        admin = adminQueue();
    }

    /// A host of a device with a memory disk.
    static NvmeHost withDisk(long bytes) {
        return of(NvmeDevice.builder(MemoryBackend.create(bytes)).serial("test").build());
    }

    /// A host that shares its memory with the device.
    static NvmeHost of(Device device) {
        return new NvmeHost(device, true);
    }

    /// A host whose memory the device reaches by messages.
    static NvmeHost byMessages(Device device) {
        return new NvmeHost(device, false);
    }

    /// Sets up the admin queue and enables the controller.
    NvmeHost enable() {
        admin = adminQueue();
        ram.asSlice(0, 2 * PAGE).fill((byte) 0);
        tester.write("AQA", (ENTRIES - 1) << 16 | (ENTRIES - 1));
        tester.write("ASQ", RAM);
        tester.write("ACQ", RAM + PAGE);
        tester.write("CC", ENABLE);
        return this;
    }

    HostQueue admin() {
        return admin;
    }

    /// Creates an I/O queue pair.
    HostQueue queue(int id) {
        return queue(id, ENTRIES);
    }

    /// Creates an I/O queue pair of some size.
    HostQueue queue(int id, int entries) {
        long submissions = 0x2_0000L * id;
        long completions = submissions + 0x1_0000;
        ram.asSlice(completions, 16L * entries).fill((byte) 0);
        int sizeAndId = (entries - 1) << 16 | id;
        requireSuccess(
                admin.run(
                        HostCommand.of(CREATE_CQ)
                                .data(RAM + completions)
                                .dword(10, sizeAndId)
                                .dword(11, id << 16 | 3)));
        requireSuccess(
                admin.run(
                        HostCommand.of(CREATE_SQ)
                                .data(RAM + submissions)
                                .dword(10, sizeAndId)
                                .dword(11, id << 16 | 1)));
        return new HostQueue(tester, ram, id, entries, submissions, completions);
    }

    /// Data from Identify.
    MemorySegment identify(int cns, int namespace) {
        requireSuccess(
                admin.run(HostCommand.of(IDENTIFY).namespace(namespace).data(DATA).dword(10, cns)));
        return at(DATA).asSlice(0, PAGE);
    }

    /// Memory from an address on.
    MemorySegment at(long iova) {
        return ram.asSlice(iova - RAM);
    }

    /// Fills memory with bytes that follow from a seed.
    byte[] fill(long iova, int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        MemorySegment.copy(bytes, 0, at(iova), ValueLayout.JAVA_BYTE, 0, size);
        return bytes;
    }

    byte[] bytes(long iova, int size) {
        return at(iova).asSlice(0, size).toArray(ValueLayout.JAVA_BYTE);
    }

    static void requireSuccess(HostQueue.Answer answer) {
        if (answer.status() != 0) {
            throw new AssertionError(
                    "status: 0x" + Integer.toHexString(answer.status()) + " (expected: 0)");
        }
    }

    @Override
    public void close() {
        tester.close();
    }

    private HostQueue adminQueue() {
        return new HostQueue(tester, ram, 0, ENTRIES, 0, PAGE);
    }
}
