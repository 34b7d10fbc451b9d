package io.vfiouser.fuzz;

import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.nvme.NvmeDevice;
import io.vfiouser.testkit.DeviceTester;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Arrays;

/// A host that drives an NVMe controller with admin and I/O commands, registers, doorbells and
/// memory of its making: nothing but a refusal is thrown, and a controller that is disabled and
/// enabled again is in order.
///
/// Input: a byte of settings, then steps, each a byte that says what and its numbers.
public final class NvmeFuzz {
    private static final long RAM = 0x10_0000;
    private static final int RAM_SIZE = 0x8_0000;
    private static final long DATA = RAM + 0x1_0000;
    private static final int PAGE = 4096;
    private static final int ENTRIES = 16;
    private static final int ENABLE = 0x46_0001;
    private static final int DOORBELLS = 0x1000;
    private static final int MAX_STEPS = 200;

    private final Input input;
    private final DeviceTester host;
    private final MemorySegment ram;
    private final int[] tails = new int[4];

    private NvmeFuzz(Input input, DeviceTester host, boolean direct) {
        this.input = input;
        this.host = host;
        this.ram = host.map(new DmaRange(RAM, RAM_SIZE, true, true, direct));
    }

    /// Runs one input.
    public static void fuzzerTestOneInput(byte[] bytes) {
        var input = new Input(bytes);
        int settings = input.u8();
        var device =
                NvmeDevice.builder(MemoryBackend.create(1 << 20))
                        .namespaces(1 + (settings & 1))
                        .blockSize((settings & 2) == 0 ? 512 : 4096)
                        .queues(3)
                        .serial("fuzz")
                        .build();
        try (var tester = DeviceTester.attach(device)) {
            tester.arm(IrqIndex.MSIX);
            var fuzz = new NvmeFuzz(input, tester, (settings & 4) == 0);
            fuzz.enable();
            if ((settings & 8) == 0) {
                fuzz.createQueues();
            }
            for (int i = 0; i < MAX_STEPS && input.hasMore(); i++) {
                fuzz.step();
            }
            fuzz.checkAlive();
        }
    }

    private void enable() {
        host.write("AQA", (ENTRIES - 1) << 16 | (ENTRIES - 1));
        host.write("ASQ", RAM);
        host.write("ACQ", RAM + PAGE);
        host.write("CC", ENABLE);
        Arrays.fill(tails, 0);
        host.runTasks();
    }

    private void createQueues() {
        for (int id = 1; id <= 2; id++) {
            int sizeAndId = (ENTRIES - 1) << 16 | id;
            MemorySegment completion = entry(0, 0x05);
            put(completion, 24, 8, RAM + 0x2000L * id + PAGE);
            put(completion, 40, 4, sizeAndId);
            put(completion, 44, 4, (long) id << 16 | 3);
            ring(0);
            MemorySegment submission = entry(0, 0x01);
            put(submission, 24, 8, RAM + 0x2000L * id);
            put(submission, 40, 4, sizeAndId);
            put(submission, 44, 4, (long) id << 16 | 1);
            ring(0);
        }
    }

    private void step() {
        try {
            switch (input.below(10)) {
                case 0 -> host.write(0, input.u16() & 0x3fff, 1 + input.below(8), input.i64());
                case 1 -> host.read(0, input.u16() & 0x3fff, 1 + input.below(8));
                case 2 -> memory();
                case 3, 4 -> command(0);
                case 5, 6 -> command(1 + input.below(2));
                case 7 -> command(input.below(4));
                case 8 -> acknowledge();
                default -> rare();
            }
        } catch (DeviceException e) {
            Wording.check(e);
        }
        host.runTasks();
        host.interrupts();
        host.dmaMessages();
    }

    private void rare() {
        switch (input.below(6)) {
            case 0 -> host.advance(Duration.ofMillis(input.u16()));
            case 1 -> host.reset(ResetReason.FUNCTION_LEVEL_RESET);
            case 2 -> enable();
            case 3 -> {
                byte[] state = host.saveState();
                int at = state.length == 0 ? 0 : input.u16() % state.length;
                int flip = input.u8();
                if (state.length > 0) {
                    state[at] ^= (byte) flip;
                }
                host.loadState(state);
            }
            case 4 -> host.mask(IrqIndex.MSIX, input.below(4));
            default -> host.unmask(IrqIndex.MSIX, input.below(4));
        }
    }

    private void memory() {
        long at = input.u16() * 8L % (RAM_SIZE - 256);
        byte[] bytes = input.bytes(input.u8());
        MemorySegment.copy(bytes, 0, ram, ValueLayout.JAVA_BYTE, at, bytes.length);
    }

    private void command(int queue) {
        MemorySegment entry = entry(queue, input.u8());
        put(entry, 1, 1, input.u8());
        put(entry, 2, 2, input.u16());
        put(entry, 4, 4, input.oneOf(1, 0, 2, 0xffff_ffffL));
        put(entry, 16, 8, input.oneOf(0, DATA));
        put(entry, 24, 8, pointer());
        put(entry, 32, 8, pointer());
        for (int dword = 10; dword < 16; dword++) {
            put(entry, 4L * dword, 4, input.oneOf(0, 1, 7, 0xfff, 0x1_0001, 0xffff_ffffL));
        }
        ring(queue);
    }

    private long pointer() {
        return input.oneOf(
                0,
                DATA,
                DATA + 0x1000,
                DATA + 0x800,
                RAM + RAM_SIZE - 4096,
                -4096L,
                16L | 3L << 60,
                32L | 2L << 60,
                512L);
    }

    private void acknowledge() {
        int queue = input.below(4);
        host.write(0, DOORBELLS + 8L * queue + 4, 4, input.u8());
    }

    private MemorySegment entry(int queue, int opcode) {
        long at = (queue == 0 ? 0 : 0x2000L * queue) + 64L * tails[queue];
        MemorySegment entry = ram.asSlice(at, 64).fill((byte) 0);
        put(entry, 0, 1, opcode);
        tails[queue] = (tails[queue] + 1) % ENTRIES;
        return entry;
    }

    private void ring(int queue) {
        host.write(0, DOORBELLS + 8L * queue, 4, tails[queue]);
        host.runTasks();
    }

    private void checkAlive() {
        host.write("CC", 0);
        host.runTasks();
        if ((host.read("CSTS") & 1) != 0) {
            throw new AssertionError("CSTS: ready after CC.EN was cleared (expected: not ready)");
        }
        enable();
        if ((host.read("CSTS") & 3) != 1) {
            throw new AssertionError("CSTS: 0x%x (expected: ready)".formatted(host.read("CSTS")));
        }
    }

    private static void put(MemorySegment entry, long at, int width, long value) {
        LittleEndian.put(entry, at, width, value);
    }
}
