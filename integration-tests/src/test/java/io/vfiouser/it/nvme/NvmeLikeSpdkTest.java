package io.vfiouser.it.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.nvme.NvmeDevice;
import io.vfiouser.devices.nvme.NvmeDoorbells;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.nvme.CompletionMode;
import io.vfiouser.nvme.ControllerException;
import io.vfiouser.nvme.NvmeInitiator;
import io.vfiouser.nvme.NvmeNamespace;
import io.vfiouser.nvme.NvmeOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// SPDK's initiator, imitated: no text in VERSION, always id 0, requests for region information of
/// 4080 bytes, a descriptor with DMA_UNMAP, its order of admin commands, doorbells through the
/// mapping only, queues without interrupts, SGLs.
@ExtendWith(NoDescriptorLeaks.class)
final class NvmeLikeSpdkTest {
    private static final NvmeOptions OPTIONS = NvmeOptions.likeSpdk().withMemorySize(8 << 20);

    @Test
    void drivesAControllerWithMappedDoorbells() {
        try (var server = TestServer.start()) {
            Path socket = server.serve("nvme", device(NvmeDoorbells.MAPPED));
            for (int client = 0; client < 2; client++) {
                try (var nvme = NvmeInitiator.connect(socket, OPTIONS);
                        var queue = nvme.openQueue(CompletionMode.POLLED)) {
                    assertThat(nvme.doorbellsMapped()).isTrue();
                    NvmeNamespace namespace = nvme.namespaces().getFirst();
                    int half = (int) namespace.blocks() / 2;
                    long first = (long) client * half;
                    try (var work =
                            new VerifiedWorkload(nvme, queue, namespace, first, half, 1000, 7)) {
                        work.run();
                        assertThat(work.verified()).isGreaterThan(1000);
                    }
                    // What its `identify` asks besides.
                    for (int feature : new int[] {1, 2, 4, 7}) {
                        assertThat(nvme.feature(feature, 0))
                                .as("feature %d", feature)
                                .isNotNegative();
                    }
                    assertThat(nvme.feature(5, 1)).isZero();
                    assertThat(nvme.log(1, 8192)).hasSize(8192);
                    assertThat(nvme.log(3, 512)).hasSize(512);
                    assertThat(nvme.log(5, 4096)).hasSize(4096);
                }
            }
        }
    }

    @Test
    void givesUpWithoutAMapping() {
        try (var server = TestServer.start()) {
            Path socket = server.serve("nvme", device(NvmeDoorbells.TRAPPED));
            assertThatThrownBy(() -> NvmeInitiator.connect(socket, OPTIONS))
                    .isInstanceOf(ControllerException.class)
                    .hasMessage(
                            "BAR0: [] mappable (expected: an area from 0x1000 on, for doorbells)");
        }
    }

    private static NvmeDevice device(NvmeDoorbells doorbells) {
        return NvmeDevice.builder(MemoryBackend.create(4 << 20))
                .blockSize(4096)
                .doorbells(doorbells)
                .build();
    }
}
