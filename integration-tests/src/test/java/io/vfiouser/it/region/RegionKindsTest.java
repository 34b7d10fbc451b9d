package io.vfiouser.it.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.client.RegionInfo;
import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.RemoteRegion;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.Errno;
import io.vfiouser.os.Mapping;
import io.vfiouser.os.NativeCallException;
import io.vfiouser.os.Protection;
import io.vfiouser.protocol.RegionFlags;
import io.vfiouser.protocol.SparseMmapArea;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a client sees of each kind of region, by message and mapped.
@ExtendWith(NoDescriptorLeaks.class)
class RegionKindsTest {
    private static final int ROM = 6;
    private static final int CONFIG = 7;
    private static final int VGA = 8;

    private final TestServer server = TestServer.start();
    private final ManyRegionsDevice device = new ManyRegionsDevice();
    private VfioUserClient client;

    @BeforeEach
    void connect() {
        client = VfioUserClient.connect(server.serve("many", device));
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0x200000000, 3",
        "1, 0, 0",
        "2, 0x20, 3",
        "3, 0x1000, 13",
        "4, 0x1000, 2",
        "5, 0x4000, 15",
        "6, 0x800, 1",
        "7, 0x100, 3",
        "8, 0xc0000, 3"
    })
    void hasSizeAndFlagsOfItsKind(int region, String size, int flags) {
        try (RegionInfo info = client.regionInfo(region)) {
            assertThat(info.size()).isEqualTo(Long.decode(size));
            assertThat(info.flags()).isEqualTo(new RegionFlags(flags));
        }
    }

    @Test
    void a64BitBarIsReachedUpToItsEnd() {
        long last = ManyRegionsDevice.HUGE - 8;
        assertThat(client.read(0, last, 8)).isEqualTo(last);
        client.write(0, last, 8, 1);
        assertRefused(() -> client.read(0, last + 1, 8));
        assertRefused(() -> client.read(0, -4, 8));
        assertRefused(() -> client.read(1, 0, 4));
        assertThat(client.read(CONFIG, 0x10, 4)).as("64-bit, prefetchable").isEqualTo(0xc);
    }

    @Test
    void portsAreWrittenAndRead() {
        client.write(2, 0x1f, 1, 0x5a);
        assertThat(client.read(2, 0x1e, 2)).isEqualTo(0x5a00);
        assertThat(client.read(CONFIG, 0x18, 4)).as("I/O").isEqualTo(1);
    }

    @Test
    void aRomIsRead() {
        assertThat(client.read(ROM, 0, 2)).isEqualTo(0xaa55);
        assertRefused(() -> client.write(ROM, 0, 2, 1));
    }

    @Test
    void theVgaWindowIsWrittenAndRead() {
        client.write(VGA, 0xb8000, 2, 0x0741);
        assertThat(client.read(VGA, 0xb8000, 2)).isEqualTo(0x0741);
    }

    @Test
    void aReadOnlyRegionIsNotWrittenByMessageNorWhereItIsMapped() {
        device.constant.segment().set(ValueLayout.JAVA_INT, 0x10, 0x1234);
        assertThat(client.read(3, 0x10, 4)).isEqualTo(0x1234);
        assertRefused(() -> client.write(3, 0x10, 4, 1));

        RemoteRegion region = client.region(3);
        MemorySegment mapped = region.map(region.mappableAreas().getFirst());
        assertThat(mapped.get(ValueLayout.JAVA_INT, 0x10)).isEqualTo(0x1234);
        try (RegionInfo info = client.regionInfo(3)) {
            assertThatExceptionOfType(NativeCallException.class)
                    .isThrownBy(() ->
                            Mapping.map(
                                    info.descriptors().peek(0), 0, 0x1000, Protection.READ_WRITE))
                    .extracting(NativeCallException::errno)
                    .isEqualTo(Errno.EACCES);
        }
    }

    @Test
    void aWriteOnlyRegionIsNotRead() {
        client.write(4, 0x10, 4, 0x1234);
        assertThat(device.secret.segment().get(ValueLayout.JAVA_INT, 0x10)).isEqualTo(0x1234);
        assertRefused(() -> client.read(4, 0x10, 4));
    }

    @Test
    void areasAreMappedFromTheRegionsPlaceInItsFile() {
        RemoteRegion region = client.region(5);
        assertThat(region.mappableAreas())
                .containsExactly(new SparseMmapArea(0, 0x1000), new SparseMmapArea(0x2000, 0x1000));
        try (RegionInfo info = client.regionInfo(5)) {
            assertThat(info.offset()).isEqualTo(0x2000);
            assertThat(info.descriptors().count()).as("one for all areas").isEqualTo(1);
        }
        MemorySegment second = region.map(region.mappableAreas().get(1));
        second.set(ValueLayout.JAVA_INT, 0x10, 0x7777);

        assertThat(device.sparse.segment().get(ValueLayout.JAVA_INT, 0x4010)).isEqualTo(0x7777);
        assertThat(client.read(5, 0x2010, 4)).as("by message too").isEqualTo(0x7777);
        client.write(5, 0x10, 4, 0x8888);
        MemorySegment first = region.map(region.mappableAreas().getFirst());
        assertThat(first.get(ValueLayout.JAVA_INT, 0x10)).isEqualTo(0x8888);
    }

    private static void assertRefused(ThrowingCallable access) {
        assertThatExceptionOfType(RemoteErrorException.class)
                .isThrownBy(access)
                .extracting(RemoteErrorException::errno)
                .isEqualTo(Errno.EINVAL);
    }
}
