package io.vfiouser.benchmarks;

import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.nvme.NvmeDevice;
import io.vfiouser.testkit.DeviceTester;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What a command costs an NVMe controller: fetched from its queue, its PRPs followed, its blocks
/// copied from or to a disk in memory, its completion written. No socket and no second thread; a
/// doorbell for each batch of 256 commands.
///
/// With `-prof gc` what is left for a command is the tester's share, the same for each batch.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class NvmeCommandBenchmark {
    private static final int BATCH = 256;
    private static final int ENTRIES = 2 * BATCH;
    private static final int PAGE = 4096;
    private static final int READ = 2;
    private static final int WRITE = 1;
    private static final long DISK = 64 << 20;
    private static final int RAM_SIZE = 8 << 20;

    private static final long RAM = 0x100_0000;
    private static final long ADMIN_SQ = 0;
    private static final long ADMIN_CQ = PAGE;
    private static final long SQ = 0x1_0000;
    private static final long CQ = 0x2_0000;
    private static final long PRP_LIST = 0x3_0000;
    private static final long DATA = 0x10_0000;

    /// Bytes of each command: one page, and 32 of them by a PRP list.
    @Param({"4096", "131072"})
    private int size = PAGE;

    private final DeviceTester tester =
            DeviceTester.attach(NvmeDevice.builder(MemoryBackend.create(DISK)).build());
    private final MemorySegment ram = tester.map(RAM, RAM_SIZE);
    private int adminTail;
    private int tail;
    private int head;
    private int phase = 1;
    private long piece;

    /// Enables the controller and makes a queue pair.
    @Setup
    public void enable() {
        tester.write("AQA", 15 << 16 | 15);
        tester.write("ASQ", RAM + ADMIN_SQ);
        tester.write("ACQ", RAM + ADMIN_CQ);
        tester.write("CC", 0x46_0001);
        admin(0x05, RAM + CQ, 1); // Create I/O Completion Queue, without interrupts
        admin(0x01, RAM + SQ, 1 << 16 | 1); // Create I/O Submission Queue
        for (int page = 0; page < size / PAGE - 1; page++) {
            // No page follows the one before it, so that no two become one range.
            long at = RAM + DATA + 2L * PAGE * (page + 1);
            ram.set(LittleEndian.LONG, PRP_LIST + 8L * page, at);
        }
        for (long at = 0; at < DISK; at += (long) BATCH * size) {
            run(WRITE);
        }
    }

    /// Ends the device.
    @TearDown
    public void close() {
        tester.close();
    }

    /// A Read.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int read() {
        return run(READ);
    }

    /// A Write.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int write() {
        return run(WRITE);
    }

    private int run(int opcode) {
        for (int i = 0; i < BATCH; i++) {
            long at = SQ + 64L * tail;
            int blocks = size / 512;
            ram.set(LittleEndian.INT, at, i << 16 | opcode);
            ram.set(LittleEndian.INT, at + 4, 1);
            ram.set(LittleEndian.LONG, at + 24, RAM + DATA);
            ram.set(LittleEndian.LONG, at + 32, size == PAGE ? 0 : RAM + PRP_LIST);
            ram.set(LittleEndian.LONG, at + 40, piece * blocks);
            ram.set(LittleEndian.LONG, at + 48, blocks - 1);
            piece = (piece + 7) % (DISK / size);
            tail = (tail + 1) % ENTRIES;
        }
        tester.write(0, 0x1008, 4, tail);
        tester.runTasks();
        int taken = 0;
        while (taken < BATCH) {
            int word = ram.get(LittleEndian.INT, CQ + 16L * head + 12);
            if (word >>> 16 != phase) {
                throw new IllegalStateException(
                        "completion: 0x%x (expected: phase %d, status 0)".formatted(word, phase));
            }
            head = (head + 1) % ENTRIES;
            phase ^= head == 0 ? 1 : 0;
            taken++;
        }
        tester.write(0, 0x100c, 4, head);
        return taken;
    }

    private void admin(int opcode, long address, int attributes) {
        long at = ADMIN_SQ + 64L * adminTail++;
        ram.set(LittleEndian.INT, at, opcode);
        ram.set(LittleEndian.LONG, at + 24, address);
        ram.set(LittleEndian.INT, at + 40, (ENTRIES - 1) << 16 | 1);
        ram.set(LittleEndian.INT, at + 44, attributes);
        tester.write(0, 0x1000, 4, adminTail);
        tester.runTasks();
    }
}
