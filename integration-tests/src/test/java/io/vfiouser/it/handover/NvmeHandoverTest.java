package io.vfiouser.it.handover;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.Device;
import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.file.FileBackend;
import io.vfiouser.devices.block.file.FileSettings;
import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.nvme.NvmeDevice;
import io.vfiouser.devices.nvme.NvmeDoorbells;
import io.vfiouser.it.nvme.VerifiedWorkload;
import io.vfiouser.nvme.CompletionMode;
import io.vfiouser.nvme.NvmeInitiator;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// An NVMe controller goes over while a workload checks each block that it reads.
@ExtendWith(NoDescriptorLeaks.class)
final class NvmeHandoverTest {
    private static final int SIZE = 1 << 20;
    private static final int OPERATIONS = 6000;

    @Test
    void polledOnAMemoryDisk() throws Exception {
        goesOver(nvme(this::memory, NvmeDoorbells.TRAPPED), CompletionMode.POLLED);
    }

    @Test
    void byInterruptsOnAMemoryDisk() throws Exception {
        goesOver(nvme(this::memory, NvmeDoorbells.TRAPPED), CompletionMode.INTERRUPT);
    }

    @Test
    void withMappedDoorbells() throws Exception {
        goesOver(nvme(this::memory, NvmeDoorbells.MAPPED), CompletionMode.POLLED);
    }

    @Test
    void onALockedFile(@TempDir Path directory) throws Exception {
        var settings = FileSettings.of(directory.resolve("disk.img")).withCreate(SIZE);
        goesOver(
                nvme(() -> FileBackend.open(settings), NvmeDoorbells.TRAPPED),
                CompletionMode.POLLED);
    }

    private BlockBackend memory() {
        return MemoryBackend.createShared(SIZE, SIZE);
    }

    private static Supplier<Device> nvme(Supplier<BlockBackend> disk, NvmeDoorbells doorbells) {
        return () -> NvmeDevice.builder(disk.get()).doorbells(doorbells).build();
    }

    private static void goesOver(Supplier<Device> maker, CompletionMode mode) throws Exception {
        try (var relay = Relay.start();
                var nvme = NvmeInitiator.connect(relay.serve("nvme0", maker));
                var queue = nvme.openQueue(mode);
                var work =
                        new VerifiedWorkload(
                                nvme,
                                queue,
                                nvme.namespaces().getFirst(),
                                0,
                                SIZE / 512,
                                OPERATIONS,
                                7)) {
            var running = CompletableFuture.runAsync(work::run);
            for (int i = 0; i < 3; i++) {
                relay.replace();
            }
            running.get();
            assertThat(work.verified()).isGreaterThan(OPERATIONS);
        }
    }
}
