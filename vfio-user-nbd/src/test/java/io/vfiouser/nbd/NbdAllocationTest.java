package io.vfiouser.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.vfiouser.devices.block.BlockRequest;
import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.os.NativeMemory;
import io.vfiouser.testsupport.AllocatedBytes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Reads and writes make hardly any garbage on the loop of the connections, once its code is
/// compiled.
final class NbdAllocationTest {
    private static final int DISK = 1 << 20;
    private static final int DEPTH = 16;
    private static final int BLOCK = 4096;
    private static final int ROUNDS = 64;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /// Bytes a request, of which 130 to 200 were seen.
    private static final int MOST = 250;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void makesHardlyAnythingForARequest(boolean write) throws Exception {
        var group =
                new MultiThreadIoEventLoopGroup(
                        1, new DefaultThreadFactory("nbd", true), EpollIoHandler.newFactory());
        ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED); // it makes records
        long loop = group.next().submit(() -> Thread.currentThread().threadId()).get();
        try (var server = server();
                var backend = NbdBackend.connect(NbdSettings.of(server.uri()), group.next())) {
            var load = new Load(write);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            double perRequest = Double.MAX_VALUE;
            while (perRequest >= MOST && System.nanoTime() - deadline < 0) {
                long before = AllocatedBytes.of(loop);
                for (int i = 0; i < ROUNDS; i++) {
                    load.run(backend);
                }
                long after = AllocatedBytes.of(loop);
                perRequest = (double) (after - before) / (ROUNDS * DEPTH);
                server.commands.clear();
            }
            assertThat(perRequest).as("bytes a request").isLessThan(MOST);
            assertThat(load.failed).hasValue(0);
        } finally {
            ResourceLeakDetector.setLevel(level);
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    private static TestNbdServer server() throws IOException {
        var server = new TestNbdServer(DISK);
        server.structured = false;
        return server;
    }

    /// Requests that are submitted together.
    private static final class Load {
        private final List<Each> requests = new ArrayList<>();
        private final Semaphore done = new Semaphore(0);
        private final AtomicInteger left = new AtomicInteger();
        private final AtomicInteger failed = new AtomicInteger();
        private final boolean write;

        Load(boolean write) {
            this.write = write;
            for (int i = 0; i < DEPTH; i++) {
                requests.add(new Each());
            }
        }

        void run(NbdBackend backend) throws InterruptedException {
            left.set(DEPTH);
            for (int i = 0; i < DEPTH; i++) {
                requests.get(i).prepare((long) i * BLOCK);
                backend.submit(requests.get(i));
            }
            backend.submitted();
            done.acquire();
        }

        private final class Each extends BlockRequest {
            private final MemorySegment memory = NativeMemory.allocate(BLOCK);

            void prepare(long offset) {
                if (write) {
                    write(offset, BLOCK, false);
                } else {
                    read(offset, BLOCK);
                }
                data().add(memory, 0, BLOCK);
            }

            @Override
            protected void completed(BlockStatus status) {
                failed.addAndGet(status.isOk() ? 0 : 1);
                if (left.decrementAndGet() == 0) {
                    done.release();
                }
            }
        }
    }
}
