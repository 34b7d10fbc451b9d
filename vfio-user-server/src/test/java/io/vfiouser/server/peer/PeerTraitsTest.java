package io.vfiouser.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.Version;
import org.junit.jupiter.api.Test;

final class PeerTraitsTest {
    private static final int MIB = 1 << 20;
    private static final Capabilities QEMU = Capabilities.DEFAULTS.withWriteMultiple(true);

    @Test
    void qemuIsWhoSays00AndOffersWriteMultiple() {
        assertThat(traits(0, QEMU)).isEqualTo(new PeerTraits(32 << 10, MIB, true));
        assertThat(traits(1, QEMU)).isEqualTo(new PeerTraits(MIB, MIB, false));
        assertThat(traits(0, Capabilities.DEFAULTS)).isEqualTo(new PeerTraits(MIB, MIB, false));
    }

    @Test
    void theSmallerLimitOfBothCounts() {
        Capabilities small = Capabilities.DEFAULTS.withMaxDataXferSize(1024);
        assertThat(traits(2, small)).isEqualTo(new PeerTraits(1024, 1024, false));
        Capabilities large = Capabilities.DEFAULTS.withMaxDataXferSize(64 * MIB);
        assertThat(traits(2, large)).isEqualTo(new PeerTraits(MIB, MIB, false));
        assertThat(traits(0, QEMU.withMaxDataXferSize(512)))
                .isEqualTo(new PeerTraits(512, 512, true));
    }

    private static PeerTraits traits(int minor, Capabilities capabilities) {
        return PeerTraits.of(new Version(0, minor, capabilities), MIB);
    }
}
