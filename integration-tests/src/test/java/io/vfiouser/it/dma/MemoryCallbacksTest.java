package io.vfiouser.it.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.Errno;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A device hears of each region that comes and goes, and how it can be reached.
@ExtendWith(NoDescriptorLeaks.class)
class MemoryCallbacksTest {
    private static final long SIZE = 0x1000;

    private final TestServer server = TestServer.start();
    private final SharedMemory memory = SharedMemory.create("guest", SIZE);
    private final QuietDevice device = new QuietDevice();
    private Path socket = Path.of("");

    @BeforeEach
    void serve() {
        socket = server.serve("device", device);
    }

    @AfterEach
    void close() {
        server.close();
        memory.close();
    }

    @Test
    void tellsOfEachRegionAndHowItIsReached() {
        try (var client = VfioUserClient.connect(socket)) {
            client.dmaMap(0x1000, memory, 0, SIZE, DmaFlags.READ_WRITE);
            client.dmaMap(0x2000, memory, 0, SIZE, DmaFlags.READ_ONLY);
            client.dmaMap(0x3000, memory, 0, SIZE, with(DmaFlags.FILE_IO));
            client.dmaMap(0x4000, memory, 0, SIZE, with(DmaFlags.MMAP));
            client.dmaMapWithoutDescriptor(0x5000, memory.segment(), DmaFlags.READ_WRITE);
            assertThat(device.takeEvents())
                    .containsExactly(
                            "mapped 0x1000+0x1000 rw mapped",
                            "mapped 0x2000+0x1000 r- mapped",
                            "mapped 0x3000+0x1000 rw not mapped",
                            "mapped 0x4000+0x1000 rw mapped",
                            "mapped 0x5000+0x1000 rw not mapped");
        }
    }

    @Test
    void anIdenticalMapAndARefusedOneAreNoNews() {
        try (var client = VfioUserClient.connect(socket)) {
            client.dmaMap(0x1000, memory, 0, SIZE, DmaFlags.READ_WRITE);
            device.takeEvents();
            client.dmaMap(0x1000, memory, 0, SIZE, DmaFlags.READ_WRITE);
            var refusal =
                    catchThrowableOfType(
                            RemoteErrorException.class,
                            () -> client.dmaMap(0x1000, memory, 0, SIZE, DmaFlags.READ_ONLY));
            assertThat(refusal.errno()).isEqualTo(Errno.EEXIST);
            assertThat(device.takeEvents()).isEmpty();
        }
    }

    @Test
    void tellsOfEachRegionThatGoes() {
        try (var client = VfioUserClient.connect(socket)) {
            client.dmaMap(0x9000, memory, 0, SIZE, DmaFlags.READ_WRITE);
            client.dmaMap(0x1000, memory, 0, SIZE, DmaFlags.READ_ONLY);
            client.dmaMap(0x5000, memory, 0, SIZE, DmaFlags.READ_WRITE);
            device.takeEvents();
            client.dmaUnmap(0x5000, SIZE);
            assertThat(device.takeEvents())
                    .containsExactly("quiesce", "unmapped 0x5000+0x1000 rw mapped", "resume");
            client.dmaUnmapAll();
            assertThat(device.takeEvents())
                    .containsExactly(
                            "quiesce",
                            "unmapped 0x9000+0x1000 rw mapped",
                            "unmapped 0x1000+0x1000 r- mapped",
                            "resume");
            client.dmaUnmapAll();
            assertThat(device.takeEvents()).containsExactly("quiesce", "resume");
        }
    }

    @Test
    void tellsOfAllRegionsWhenTheClientLeaves() {
        try (var client = VfioUserClient.connect(socket)) {
            client.dmaMap(0x9000, memory, 0, SIZE, DmaFlags.READ_WRITE);
            client.dmaMapWithoutDescriptor(0x1000, memory.segment(), DmaFlags.READ_WRITE);
            device.takeEvents();
        }
        try (var next = VfioUserClient.connect(socket)) {
            assertThat(device.takeEvents())
                    .containsExactly(
                            "quiesce",
                            "unmapped 0x9000+0x1000 rw mapped",
                            "unmapped 0x1000+0x1000 rw not mapped",
                            "reset CLIENT_GONE",
                            "detach");
            next.info();
        }
    }

    private static DmaFlags with(int access) {
        return new DmaFlags(DmaFlags.READ | DmaFlags.WRITE | access);
    }
}
