package io.vfiouser.devices.nvme;

import static io.vfiouser.devices.nvme.NvmeHost.DATA;
import static io.vfiouser.devices.nvme.NvmeHost.RAM;
import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.block.memory.MemoryBackend;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A host that writes nonsense everywhere: nothing is thrown, and after a reset all is well.
class NvmeHostileHostTest {
    private static final int DISK = 1 << 20;
    private static final int COMMANDS = 400;
    private static final int[] ADMIN_OPCODES = {
        0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x08, 0x09, 0x0a, 0x0c, 0x18, 0x7c, 0x80, 0xc0
    };
    private static final int[] IO_OPCODES = {0x00, 0x01, 0x02, 0x05, 0x08, 0x09, 0x0c, 0x0d};

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void nonsenseEndsInAStatusOrAFatalController(long seed) {
        var random = new Random(seed);
        var device = NvmeDevice.builder(MemoryBackend.create(DISK)).namespaces(2).queues(4).build();
        boolean direct = seed % 4 != 0;
        try (var host = direct ? NvmeHost.of(device) : NvmeHost.byMessages(device)) {
            host.enable();
            HostQueue queue = host.queue(1);
            for (int i = 0; i < COMMANDS; i++) {
                step(host, queue, random);
                host.tester.runTasks();
                host.admin().take();
                host.admin().acknowledge();
                queue.take();
                queue.acknowledge();
                if ((host.tester.read("CSTS") & 2) != 0) {
                    host.tester.write("CC", 0);
                    host.tester.runTasks();
                    host.enable();
                }
            }

            host.tester.write("CC", 0);
            host.tester.runTasks();
            assertThat(host.tester.read("CSTS") & 1).isZero();
            host.enable();
            assertThat(host.identify(1, 0).get(LittleEndian.SHORT, 0)).isEqualTo((short) 0x1af4);
        }
    }

    private static void step(NvmeHost host, HostQueue queue, Random random) {
        switch (random.nextInt(8)) {
            case 0 -> host.tester.write(0, 0x1000 + 4L * random.nextInt(16), 4, random.nextInt(20));
            case 1 -> host.at(address(random)).set(LittleEndian.LONG, 0, address(random));
            case 2, 3 -> {
                host.admin().put(command(random, ADMIN_OPCODES));
                host.admin().ring();
            }
            default -> {
                queue.put(command(random, IO_OPCODES));
                queue.ring();
            }
        }
    }

    private static HostCommand command(Random random, int... opcodes) {
        HostCommand command =
                HostCommand.of(opcodes[random.nextInt(opcodes.length)])
                        .id(random.nextInt(0x1_0000))
                        .namespace(random.nextInt(5) == 0 ? -1 : random.nextInt(4))
                        .data(pointer(random), pointer(random));
        if (random.nextInt(3) == 0) {
            command.flags(random.nextInt(256));
        }
        for (int dword = 10; dword < 16; dword++) {
            command.dword(dword, number(random));
        }
        return command;
    }

    private static int number(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> 0;
            case 1 -> random.nextInt(16);
            case 2 -> random.nextInt(16) << 16 | random.nextInt(16);
            case 3 -> random.nextInt(0x1000);
            default -> random.nextInt();
        };
    }

    private static long pointer(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextLong();
            case 1 -> -4096L;
            case 2 -> DATA + random.nextInt(0x1000);
            case 3 -> RAM + NvmeHost.RAM_SIZE - 4096;
            case 4 -> (random.nextLong() & 0xf000_0000_0000_0fffL) | 2L << 60;
            default -> DATA + 0x1000L * random.nextInt(64);
        };
    }

    /// Where lists lie, and rings never.
    private static long address(Random random) {
        return DATA + 8L * random.nextInt(0x8000);
    }
}
