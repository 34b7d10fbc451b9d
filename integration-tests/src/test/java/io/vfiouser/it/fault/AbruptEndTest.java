package io.vfiouser.it.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.RawConnection;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.it.support.OpenDescriptors;
import io.vfiouser.it.support.ProcessMappings;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.ClientRequest;
import io.vfiouser.protocol.DeviceGetRegionInfo;
import io.vfiouser.protocol.DeviceSetIrqs;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.IrqAction;
import io.vfiouser.protocol.IrqData;
import io.vfiouser.protocol.RegionRead;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import io.vfiouser.transport.EventLoops;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A thousand clients with memory and interrupts vanish, each at another moment; nothing of them
/// stays.
@ExtendWith(NoDescriptorLeaks.class)
class AbruptEndTest {
    private static final int CLIENTS = 1000;
    private static final int WARM_UP = 20;
    private static final int VECTORS = 8;
    private static final int MSIX = 2;
    private static final int REGIONS = 4;
    private static final long SIZE = 0x4000;
    private static final byte[] DMA_MAP_HEADER = {1, 0, 2, 0, 48, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};

    /// Mappings that the JVM may add for its own use meanwhile.
    private static final int OF_THE_JVM = 200;

    private final Random random = new Random(0xabc);
    private final EventLoopGroup loops = EventLoops.of(1).named("client").daemon(true).start();
    private final TestServer server = TestServer.start();
    private final SharedMemory memory = SharedMemory.create("guest", REGIONS * SIZE);
    private final List<EventFd> eventFds = new ArrayList<>();
    private Path socket = Path.of("");

    @BeforeEach
    void serve() {
        socket = server.serve("testdev", new TestDevice());
        for (int i = 0; i < VECTORS; i++) {
            eventFds.add(EventFd.create());
        }
    }

    @AfterEach
    void close() {
        server.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        eventFds.forEach(EventFd::close);
        memory.close();
    }

    @Test
    void leavesNoDescriptorAndNoMappingBehind() {
        for (int i = 0; i < WARM_UP; i++) {
            visit(1);
        }
        negotiateAndLeave();
        Map<String, Integer> descriptors = OpenDescriptors.settled();
        ProcessMappings mappings = ProcessMappings.countWhenSettled();

        for (int i = 0; i < CLIENTS; i++) {
            visit(random.nextDouble());
        }
        negotiateAndLeave();

        OpenDescriptors.awaitByKind(descriptors);
        ProcessMappings after = ProcessMappings.countAfterCollecting(mappings.memory());
        assertThat(after.memory()).isLessThanOrEqualTo(mappings.memory());
        assertThat(after.all()).isLessThan(mappings.all() + OF_THE_JVM);
    }

    /// Does the first part of what a client does, down to the byte, and vanishes.
    private void visit(double part) {
        try (var client = connect()) {
            client.negotiate();
            List<Part> script = script();
            int messages = (int) (part * script.size());
            for (Part each : script.subList(0, messages)) {
                client.send(each.id, each.request, each.descriptors.make());
            }
            if (messages < script.size()) {
                // The beginning of a DMA_MAP, with its descriptor.
                byte[] cut = Arrays.copyOf(DMA_MAP_HEADER, 1 + random.nextInt(47));
                client.send(cut, FdBundle.of(memory.duplicate()));
            }
        }
    }

    private record Part(int id, ClientRequest request, DescriptorSource descriptors) {}

    private interface DescriptorSource {
        FdBundle make();
    }

    private List<Part> script() {
        var script = new ArrayList<Part>();
        for (int i = 0; i < REGIONS; i++) {
            var map = new DmaMap(DmaFlags.READ_WRITE, i * SIZE, 0x1000_0000L + i * SIZE, SIZE);
            script.add(new Part(i, map, () -> FdBundle.of(memory.duplicate())));
        }
        var arm = new DeviceSetIrqs(MSIX, 0, VECTORS, IrqAction.TRIGGER, new IrqData.Eventfd());
        script.add(new Part(10, arm, this::armed));
        // Answered with a descriptor, which nobody takes.
        script.add(new Part(11, new DeviceGetRegionInfo(64, 1), FdBundle::empty));
        var trigger = new DeviceSetIrqs(MSIX, 0, VECTORS, IrqAction.TRIGGER, new IrqData.None());
        script.add(new Part(12, trigger, FdBundle::empty));
        for (int i = 0; i < 4; i++) {
            script.add(new Part(20 + i, new RegionRead(1, 0, 0x10000), FdBundle::empty));
        }
        return script;
    }

    private FdBundle armed() {
        List<FileDescriptor> copies =
                eventFds.stream().map(each -> Descriptors.duplicate(each.fd())).toList();
        return FdBundle.ofOwned(copies);
    }

    /// Comes after all others, and goes with its own descriptors closed as well.
    private void negotiateAndLeave() {
        CompletionStage<?> gone;
        try (var client = connect()) {
            client.negotiate();
            gone = server.server().devices().iterator().next().clientGone();
        }
        gone.toCompletableFuture().join();
    }

    private RawConnection connect() {
        return RawConnection.connect(
                socket,
                ClientOptions.defaults()
                        .withTimeout(Duration.ofSeconds(20))
                        .withEventLoopGroup(loops));
    }
}
