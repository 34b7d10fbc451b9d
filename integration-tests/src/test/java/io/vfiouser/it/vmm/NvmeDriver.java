package io.vfiouser.it.vmm;

import io.vfiouser.testkit.vmm.FakeVmm;
import io.vfiouser.testkit.vmm.GuestBuffer;
import io.vfiouser.testkit.vmm.GuestInterrupt;
import io.vfiouser.testkit.vmm.PciBar;
import io.vfiouser.testkit.vmm.PciFunction;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/// A small driver for NVMe controllers: the admin queue, one I/O queue with an interrupt of its
/// own, namespace 1, a page at most for each command.
public final class NvmeDriver implements AutoCloseable {
    private static final int NVME_CLASS = 0x010802;
    private static final int CC = 0x14;
    private static final int CSTS = 0x1c;
    private static final int AQA = 0x24;
    private static final int ASQ = 0x28;
    private static final int ACQ = 0x30;
    private static final int ENABLE = 0x46_0001; // entries of 64 and 16 bytes
    private static final int NORMAL_SHUTDOWN = 1 << 14;
    private static final int READY = 1;
    private static final int SHUTDOWN_DONE = 2 << 2;

    private static final int CREATE_SQ = 0x01;
    private static final int GET_LOG_PAGE = 0x02;
    private static final int CREATE_CQ = 0x05;
    private static final int IDENTIFY = 0x06;
    private static final int WRITE = 0x01;
    private static final int READ = 0x02;
    private static final int NAMESPACE = 1;
    private static final int SMART = 2;
    private static final int HOST_WRITES = 80;

    private static final int ENTRIES = 32;
    private static final int PAGE = 4096;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final PciFunction function;
    private final PciBar registers;
    private final DriverQueue admin;
    private final DriverQueue io;
    private final List<GuestInterrupt> interrupts;
    private final GuestBuffer page;
    private final long blocks;
    private final int blockSize;
    private int lastStatus;

    /// Takes the controller into use.
    ///
    /// @throws IllegalArgumentException if the device is none
    public NvmeDriver(FakeVmm vmm) {
        function = vmm.function();
        if (function.classCode() != NVME_CLASS) {
            throw new IllegalArgumentException(
                    "class: 0x%06x (expected: 0x%06x)".formatted(function.classCode(), NVME_CLASS));
        }
        function.enable();
        interrupts = function.enableMsix(2);
        registers = function.bar(0);
        page = vmm.allocate(PAGE);
        admin = new DriverQueue(vmm, registers, 0, ENTRIES);
        io = new DriverQueue(vmm, registers, 1, ENTRIES);
        startController();
        identify(NAMESPACE, 0);
        blocks = page.segment().get(ValueLayout.JAVA_LONG, 0);
        int format = page.segment().get(ValueLayout.JAVA_BYTE, 26) & 0xf;
        blockSize = 1 << page.segment().get(ValueLayout.JAVA_BYTE, 128 + 4L * format + 2);
        createQueues();
    }

    /// Blocks of the namespace.
    public long blocks() {
        return blocks;
    }

    /// Bytes of a block.
    public int blockSize() {
        return blockSize;
    }

    /// The I/O queue.
    public DriverQueue queue() {
        return io;
    }

    /// Begins to read blocks into a page.
    ///
    /// @return the command's id
    public int submitRead(long lba, int count, long iova) {
        return io.submit(READ, NAMESPACE, iova, lba, count - 1);
    }

    /// Begins to write blocks of a page.
    ///
    /// @return the command's id
    public int submitWrite(long lba, int count, long iova) {
        return io.submit(WRITE, NAMESPACE, iova, lba, count - 1);
    }

    /// Waits for the I/O queue's interrupt.
    ///
    /// @throws AssertionError if it does not come
    public void awaitInterrupt() {
        if (interrupts.get(1).await(PATIENCE) == 0) {
            throw new AssertionError(
                    "%s: none in %s, %d commands in flight (expected: one)"
                            .formatted(interrupts.get(1), PATIENCE, io.inFlight()));
        }
    }

    /// Reads blocks and waits for them.
    ///
    /// @return the status, 0 if well
    public int read(long lba, int count, GuestBuffer into) {
        submitRead(lba, count, into.iova());
        return await();
    }

    /// Writes blocks and waits for them.
    ///
    /// @return the status, 0 if well
    public int write(long lba, int count, GuestBuffer from) {
        submitWrite(lba, count, from.iova());
        return await();
    }

    /// The serial number.
    public String serial() {
        identify(0, 1);
        byte[] serial = page.segment().asSlice(4, 20).toArray(ValueLayout.JAVA_BYTE);
        return new String(serial, StandardCharsets.US_ASCII).strip();
    }

    /// How many Write commands the controller has done, as its health log says.
    public long hostWrites() {
        adminCommand(GET_LOG_PAGE, 0xffff_ffff, page.iova(), (512 / 4 - 1) << Short.SIZE | SMART);
        return page.segment().get(ValueLayout.JAVA_LONG, HOST_WRITES);
    }

    /// Shuts the controller down.
    @Override
    public void close() {
        registers.write32(CC, registers.read32(CC) | NORMAL_SHUTDOWN);
        awaitStatus(3 << 2, SHUTDOWN_DONE);
        function.disableInterrupts();
        function.disable();
    }

    private void startController() {
        registers.write32(CC, 0);
        awaitStatus(READY, 0);
        registers.write32(AQA, (ENTRIES - 1L) << Short.SIZE | (ENTRIES - 1));
        registers.write64(ASQ, admin.submissionAddress());
        registers.write64(ACQ, admin.completionAddress());
        registers.write32(CC, ENABLE);
        awaitStatus(READY, READY);
    }

    private void createQueues() {
        long shape = (ENTRIES - 1L) << Short.SIZE | 1;
        long vector1 = 1L << 48;
        long contiguous = 1L << 32;
        long interrupting = 1L << 33;
        adminCommand(
                CREATE_CQ, 0, io.completionAddress(), vector1 | interrupting | contiguous | shape);
        long completions1 = 1L << 48;
        adminCommand(CREATE_SQ, 0, io.submissionAddress(), completions1 | contiguous | shape);
    }

    private void identify(int namespace, int cns) {
        adminCommand(IDENTIFY, namespace, page.iova(), cns);
    }

    private void adminCommand(int opcode, int namespace, long address, long dwords10) {
        admin.submit(opcode, namespace, address, dwords10, 0);
        while (admin.poll((_, status) -> lastStatus = status) == 0) {
            if (interrupts.get(0).await(PATIENCE) == 0) {
                throw new AssertionError(
                        "admin command 0x%02x: no interrupt in %s (expected: one)"
                                .formatted(opcode, PATIENCE));
            }
        }
        if (lastStatus != 0) {
            throw new IllegalStateException(
                    "admin command 0x%02x: status 0x%x (expected: 0)"
                            .formatted(opcode, lastStatus));
        }
    }

    private int await() {
        while (io.poll((_, status) -> lastStatus = status) == 0) {
            awaitInterrupt();
        }
        return lastStatus;
    }

    private void awaitStatus(int mask, int wanted) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while ((registers.read32(CSTS) & mask) != wanted) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(
                        "CSTS: 0x%x (expected: 0x%x in 0x%x)"
                                .formatted(registers.read32(CSTS), wanted, mask));
            }
            Thread.onSpinWait();
        }
    }
}
