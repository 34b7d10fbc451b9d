package io.vfiouser.client.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.os.NativeMemory;
import io.vfiouser.protocol.DmaFlags;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

final class ClientMemoryTest {
    private final ClientMemory memory = new ClientMemory();
    private final MemorySegment segment = NativeMemory.allocate(0x1000);

    @Test
    void removesExactlyTheRegionThatIsMeant() {
        ClientMemory.Region first = memory.add(0x1000, segment, DmaFlags.READ_WRITE);
        ClientMemory.Region second = memory.add(0x1000, segment, DmaFlags.READ_WRITE);
        memory.remove(second);
        assertThat(memory.regions()).hasSize(1);
        assertThat(memory.regions().getFirst()).isSameAs(first);
        memory.remove(second);
        assertThat(memory.regions()).hasSize(1);
    }

    @Test
    void removesByAddressAndSize() {
        memory.add(0x1000, segment, DmaFlags.READ_WRITE);
        assertThat(memory.remove(0x1000, 0x800)).isFalse();
        assertThat(memory.remove(0x800, 0x1000)).isFalse();
        assertThat(memory.remove(0x1000, 0x1000)).isTrue();
        assertThat(memory.remove(0x1000, 0x1000)).isFalse();
    }

    @Test
    void forgetsAll() {
        memory.add(0, segment, DmaFlags.READ_WRITE);
        memory.add(-0x1000, segment, DmaFlags.READ_WRITE);
        memory.clear();
        assertThat(memory.regions()).isEmpty();
    }
}
