package io.vfiouser.it.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.region.LittleEndian;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.TimeUnit;

/// A host of an NVMe controller whose queues and data are in a file that it can cut short: reads
/// and writes of eight pages by a PRP list. For one thread.
final class RawNvmeHost {
    static final int PAGE = 4096;

    /// Pages with the queues and the PRP list; the data are behind.
    static final int PAGES_BEFORE_DATA = 5;

    static final int DATA_PAGES = 8;

    /// All of the file.
    static final int SIZE = (PAGES_BEFORE_DATA + DATA_PAGES) * PAGE;

    static final int READ = 2;
    static final int WRITE = 1;

    private static final int CREATE_SUBMISSION_QUEUE = 1;
    private static final int CREATE_COMPLETION_QUEUE = 5;
    private static final int DEPTH = 32;
    private static final int COMMAND_SIZE = 64;
    private static final int COMPLETION_SIZE = 16;
    private static final int BLOCK = 512;
    private static final int BAR = 0;
    private static final int CONFIGURATION = 0x14;
    private static final int STATUS = 0x1c;
    private static final int FATAL = 2;
    private static final long DOORBELLS = 0x1000;

    private final VfioUserClient client;
    private final FileChannel memory;
    private final long iova;
    private final int[] tails = new int[2];
    private final int[] heads = new int[2];
    private final int[] phases = {1, 1};

    /// @param memory mapped at `iova` as a whole
    RawNvmeHost(VfioUserClient client, FileChannel memory, long iova) {
        this.client = client;
        this.memory = memory;
        this.iova = iova;
    }

    /// Enables the controller and makes a queue pair.
    void start() throws IOException {
        client.configSpace().write16(4, 6);
        client.write(BAR, 0x24, 4, (DEPTH - 1) << 16 | (DEPTH - 1));
        client.write(BAR, 0x28, 8, page(0));
        client.write(BAR, 0x30, 8, page(1));
        client.write(BAR, CONFIGURATION, 4, 0x0046_0001);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while ((client.read(BAR, STATUS, 4) & 1) == 0) {
            assertThat(System.nanoTime()).isLessThan(deadline);
        }
        int size = (DEPTH - 1) << 16 | 1;
        assertThat(run(0, command(CREATE_COMPLETION_QUEUE, page(3), 0, size, 1, 0))).isZero();
        assertThat(run(0, command(CREATE_SUBMISSION_QUEUE, page(2), 0, size, 0x1_0001, 0)))
                .isZero();
        writeList();
    }

    /// Writes the PRP list, which says where all data pages but the first are.
    void writeList() throws IOException {
        byte[] list = new byte[PAGE];
        for (int i = 1; i < DATA_PAGES; i++) {
            MemorySegment.ofArray(list)
                    .set(LittleEndian.LONG, (i - 1) * 8L, page(PAGES_BEFORE_DATA + i));
        }
        memory.write(ByteBuffer.wrap(list), (PAGES_BEFORE_DATA - 1) * (long) PAGE);
    }

    /// Runs a read or write of all data pages.
    ///
    /// @return its status field, 0 if it was done
    int transfer(int opcode) throws IOException {
        int blocks = DATA_PAGES * PAGE / BLOCK;
        return run(
                1,
                command(
                        opcode,
                        page(PAGES_BEFORE_DATA),
                        page(PAGES_BEFORE_DATA - 1),
                        0,
                        0,
                        blocks - 1));
    }

    /// Rings the bell of the queue pair as if there were one more command.
    void ringOnly() {
        client.write(BAR, DOORBELLS + 8, 4, (tails[1] + 1) % DEPTH);
    }

    /// Whether the controller says that it cannot go on.
    boolean isFatal() {
        return (client.read(BAR, STATUS, 4) & FATAL) != 0;
    }

    private long page(int index) {
        return iova + index * (long) PAGE;
    }

    private static byte[] command(
            int opcode, long first, long second, int dword10, int dword11, int dword12) {
        byte[] command = new byte[COMMAND_SIZE];
        MemorySegment fields = MemorySegment.ofArray(command);
        fields.set(LittleEndian.INT, 0, opcode);
        fields.set(LittleEndian.INT, 4, 1);
        fields.set(LittleEndian.LONG, 24, first);
        fields.set(LittleEndian.LONG, 32, second);
        fields.set(LittleEndian.INT, 40, dword10);
        fields.set(LittleEndian.INT, 44, dword11);
        fields.set(LittleEndian.INT, 48, dword12);
        return command;
    }

    private int run(int queue, byte[] command) throws IOException {
        if (queue == 0) {
            MemorySegment.ofArray(command).set(LittleEndian.INT, 4, 0);
        }
        int submissions = queue * 2 * PAGE;
        memory.write(ByteBuffer.wrap(command), submissions + (long) tails[queue] * COMMAND_SIZE);
        tails[queue] = (tails[queue] + 1) % DEPTH;
        client.write(BAR, DOORBELLS + queue * 8L, 4, tails[queue]);
        long place = submissions + PAGE + (long) heads[queue] * COMPLETION_SIZE;
        ByteBuffer completion = ByteBuffer.allocate(COMPLETION_SIZE);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        int status;
        do {
            assertThat(System.nanoTime()).isLessThan(deadline);
            completion.clear();
            memory.read(completion, place);
            status = MemorySegment.ofArray(completion.array()).get(LittleEndian.INT, 12) >>> 16;
        } while ((status & 1) != phases[queue]);
        heads[queue] = (heads[queue] + 1) % DEPTH;
        if (heads[queue] == 0) {
            phases[queue] ^= 1;
        }
        client.write(BAR, DOORBELLS + queue * 8L + 4, 4, heads[queue]);
        return status >>> 1;
    }
}
