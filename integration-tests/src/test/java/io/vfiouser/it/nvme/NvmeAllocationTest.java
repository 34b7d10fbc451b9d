package io.vfiouser.it.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.channel.EventLoopGroup;
import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.block.file.FileBackend;
import io.vfiouser.devices.block.file.FileSettings;
import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.nvme.NvmeDevice;
import io.vfiouser.devices.nvme.NvmeDoorbells;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.nvme.CompletionListener;
import io.vfiouser.nvme.CompletionMode;
import io.vfiouser.nvme.DmaBuffer;
import io.vfiouser.nvme.NvmeInitiator;
import io.vfiouser.nvme.NvmeNamespace;
import io.vfiouser.nvme.NvmeOptions;
import io.vfiouser.nvme.NvmeQueue;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import io.vfiouser.transport.EventLoops;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Reads and writes make no garbage in the server, once its code is compiled.
@ExtendWith(NoDescriptorLeaks.class)
final class NvmeAllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long DISK = 4 << 20;
    private static final int DEPTH = 32;
    private static final int BLOCK = 4096;
    private static final int COMMANDS = 50_000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir Path directory;

    @ParameterizedTest
    @CsvSource({"memory, false", "memory, true", "file, false"})
    void allocatesNothingForACommand(String backend, boolean write) {
        var device =
                NvmeDevice.builder(backend(backend))
                        .blockSize(BLOCK)
                        .doorbells(NvmeDoorbells.MAPPED)
                        .build();
        EventLoopGroup loops = EventLoops.of(1).named("served").daemon(true).start();
        try (var server = TestServer.start(ServerOptions.defaults().withEventLoopGroup(loops));
                var nvme =
                        NvmeInitiator.connect(
                                server.serve("nvme", device),
                                NvmeOptions.defaults().withMemorySize(4 << 20));
                var queue = nvme.openQueue(CompletionMode.POLLED);
                var buffer = nvme.allocate(DEPTH * BLOCK)) {
            long loop = thread(loops);
            var load = new Load(queue, nvme.namespaces().getFirst(), buffer, write);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            double perCommand = Double.MAX_VALUE;
            while (perCommand >= 1 && System.nanoTime() - deadline < 0) {
                long before = THREADS.getThreadAllocatedBytes(loop);
                load.run(COMMANDS);
                long after = THREADS.getThreadAllocatedBytes(loop);
                perCommand = (double) (after - before) / COMMANDS;
            }
            assertThat(perCommand).as("bytes a command").isLessThan(1);
            assertThat(load.failed).isZero();
        } finally {
            loops.shutdownGracefully().syncUninterruptibly();
        }
    }

    private BlockBackend backend(String name) {
        return name.equals("memory")
                ? MemoryBackend.create(DISK)
                : FileBackend.open(FileSettings.of(directory.resolve("disk.img")).withCreate(DISK));
    }

    /// The id of the thread of the only loop.
    private static long thread(EventLoopGroup loops) {
        var id = new CompletableFuture<Long>();
        loops.next().execute(() -> id.complete(Thread.currentThread().threadId()));
        return id.join();
    }

    /// Keeps a queue filled.
    private static final class Load implements CompletionListener {
        private final NvmeQueue queue;
        private final NvmeNamespace namespace;
        private final DmaBuffer buffer;
        private final boolean write;
        private long lba;
        private int left;
        private int failed;

        Load(NvmeQueue queue, NvmeNamespace namespace, DmaBuffer buffer, boolean write) {
            this.queue = queue;
            this.namespace = namespace;
            this.buffer = buffer;
            this.write = write;
        }

        void run(int commands) {
            left = commands;
            for (int i = 0; i < DEPTH; i++) {
                submit();
            }
            queue.ring();
            while (queue.inFlight() > 0) {
                queue.await(this);
                queue.ring();
            }
        }

        @Override
        public void completed(int commandId, int status, int result) {
            failed += status == 0 ? 0 : 1;
            if (left > 0) {
                submit();
            }
        }

        private void submit() {
            left--;
            lba = (lba + 7) % namespace.blocks();
            long offset = lba % DEPTH * BLOCK;
            if (write) {
                queue.submitWrite(namespace, lba, 1, buffer, offset);
            } else {
                queue.submitRead(namespace, lba, 1, buffer, offset);
            }
        }
    }
}
