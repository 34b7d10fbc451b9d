package io.vfiouser.it.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.nvme.CompletionMode;
import io.vfiouser.nvme.NvmeInitiator;
import io.vfiouser.nvme.NvmeNamespace;
import io.vfiouser.nvme.NvmeOptions;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;

/// Writes a block to a controller and reads it back.
final class NvmeOnce {
    /// What it writes to the first block.
    static final byte[] BLOCK = new byte[512];

    static {
        Arrays.fill(BLOCK, (byte) 0x5a);
    }

    private NvmeOnce() {}

    static void writeAndRead(Path socket) {
        var options = NvmeOptions.defaults().withMemorySize(8 << 20);
        try (var nvme = NvmeInitiator.connect(socket, options);
                var queue = nvme.openQueue(CompletionMode.POLLED);
                var buffer = nvme.allocate(BLOCK.length)) {
            NvmeNamespace namespace = nvme.namespaces().getFirst();
            int blocks = BLOCK.length / namespace.blockSize();
            buffer.segment().copyFrom(MemorySegment.ofArray(BLOCK));
            queue.write(namespace, 0, blocks, buffer, 0);
            queue.flush(namespace);
            buffer.segment().fill((byte) 0);
            queue.read(namespace, 0, blocks, buffer, 0);
            assertThat(buffer.segment().toArray(ValueLayout.JAVA_BYTE)).startsWith(BLOCK);
        }
    }
}
