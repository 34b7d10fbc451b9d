package io.vfiouser.it.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.vfiouser.client.ClientOptions;
import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.nvme.NvmeDevice;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.nvme.CompletionMode;
import io.vfiouser.nvme.NvmeInitiator;
import io.vfiouser.nvme.NvmeNamespace;
import io.vfiouser.nvme.NvmeOptions;
import io.vfiouser.nvme.NvmeQueue;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import io.vfiouser.transport.EventLoops;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// One process serves many controllers, each with a namespace of its own.
@ExtendWith(NoDescriptorLeaks.class)
final class NvmeFleetTest {
    private static final int CONTROLLERS = 256;
    private static final int OPERATIONS = 40;

    @Test
    void drives256ControllersAtOnce() {
        EventLoopGroup loops = EventLoops.of(1).named("initiators").daemon(true).start();
        List<NvmeInitiator> initiators = new ArrayList<>();
        try (var server = TestServer.start()) {
            NvmeOptions options =
                    NvmeOptions.defaults()
                            .withClient(ClientOptions.defaults().withEventLoopGroup(loops))
                            .withMemorySize(1 << 20)
                            .withQueueEntries(16);
            List<VerifiedWorkload> work = new ArrayList<>();
            for (int i = 0; i < CONTROLLERS; i++) {
                long capacity = 256L * (512 + i); // of no two the same
                var backend = MemoryBackend.create(capacity * 2);
                Path socket = server.serve("nvme" + i, NvmeDevice.builder(backend).build());
                NvmeInitiator nvme = NvmeInitiator.connect(socket, options);
                initiators.add(nvme);
                NvmeQueue queue = nvme.openQueue(CompletionMode.POLLED);
                NvmeNamespace namespace = nvme.namespaces().getFirst();
                assertThat(namespace.size()).isEqualTo(capacity * 2);
                work.add(
                        new VerifiedWorkload(
                                nvme,
                                queue,
                                namespace,
                                0,
                                (int) namespace.blocks(),
                                OPERATIONS,
                                i));
            }

            Rounds.run(work);

            assertThat(work).allMatch(one -> one.verified() > OPERATIONS);
            initiators.forEach(NvmeInitiator::close);
        } finally {
            loops.shutdownGracefully().syncUninterruptibly();
        }
    }
}
