package io.vfiouser.it.readme;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.nvme.NvmeDevice;
import io.vfiouser.devices.nvme.NvmeDoorbells;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The initiator on the page about NVMe's performance compiles, and does what the page says.
@ExtendWith(NoDescriptorLeaks.class)
class NvmePageTest {
    private static final String NAME = "ReadAll";

    @TempDir private Path directory;

    @Test
    void itsInitiatorReadsTheWholeNamespace() throws Exception {
        List<String> blocks = JavaBlocks.of(Path.of("docs", "nvme-performance.md"));
        assertThat(blocks).hasSize(1);
        var compiler = new ReadmeCompiler(directory);
        compiler.compile(NAME, blocks.getFirst());
        var device =
                NvmeDevice.builder(MemoryBackend.create(1 << 20))
                        .doorbells(NvmeDoorbells.MAPPED)
                        .build();
        try (var loader = compiler.loader();
                var server = TestServer.start()) {
            Path socket = server.serve("nvme0", device);
            var reads =
                    loader.loadClass(NAME)
                            .getDeclaredMethod("reads", Path.class)
                            .invoke(null, socket);
            assertThat(reads).isEqualTo(256L);
        }
    }
}
