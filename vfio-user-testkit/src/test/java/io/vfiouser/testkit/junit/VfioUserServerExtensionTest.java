package io.vfiouser.testkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.RegisterBlock;
import io.vfiouser.filters.TraceRecorder;
import io.vfiouser.os.EventFd;
import io.vfiouser.testkit.vmm.FakeVmm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class VfioUserServerExtensionTest {
    @RegisterExtension
    static final VfioUserServerExtension SERVER =
            VfioUserServerExtension.serving("one", Latch::new).and("two", Latch::new);

    @Test
    @Order(1)
    void handsOutClients(@Served("one") VfioUserClient one, @Served("two") VfioUserClient two) {
        one.write(0, 0, 4, 1);
        two.write(0, 0, 4, 2);
        assertThat(one.read(0, 0, 4)).isEqualTo(1);
        assertThat(two.read(0, 0, 4)).isEqualTo(2);
    }

    @Test
    @Order(2)
    void everyTestHasNewDevices(@Served("one") VfioUserClient one) {
        assertThat(one.read(0, 0, 4)).isZero();
    }

    @Test
    void handsOutSockets(@Served("two") Path socket) {
        assertThat(Files.exists(socket)).isTrue();
    }

    @Test
    void handsOutMachines(@Served("one") FakeVmm vmm, @Served("two") VfioUserClient two) {
        vmm.function().enable();
        vmm.function().bar(0).write32(0, 9);
        assertThat(vmm.function().bar(0).read32(0)).isEqualTo(9);
        assertThat(two.read(0, 0, 4)).isZero();
    }

    @Test
    void recordsByName(@Served("one") VfioUserClient one, @Served("one") TraceRecorder trace) {
        one.write(0, 0, 4, 7);
        assertThat(trace.events())
                .extracting(Object::toString)
                .containsExactly("client attached", "write BAR0.LATCH = 0x00000007");
    }

    @Test
    void whatIsPublishedIsALineForEachEvent() {
        try (var service =
                TestService.start(Map.of("dev", Latch::new), true, OpenDescriptors.now())) {
            assertThat(service.traces()).isEmpty();
            service.client("dev").write(0, 0, 4, 9);
            assertThat(service.traces())
                    .containsExactly(
                            Map.entry("dev", "client attached\nwrite BAR0.LATCH = 0x00000009"));
        }
    }

    @Test
    void descriptorsThatStayOpenAreSeen() throws InterruptedException {
        var before = OpenDescriptors.now();
        try (var _ = EventFd.create()) {
            assertThatThrownBy(before::awaitNoMore)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("anon_inode:[eventfd]");
        }
        before.awaitNoMore();
    }

    @Test
    void namesAreChecked() {
        assertThatThrownBy(() -> VfioUserServerExtension.serving("a/b", Latch::new))
                .hasMessageStartingWith("name: a/b (expected: letters,");
        assertThatThrownBy(() -> SERVER.and("one", Latch::new))
                .hasMessageStartingWith("name: one (expected: letters,");
    }

    /// One register.
    private static final class Latch implements Device {
        private long value;

        @Override
        public DeviceLayout layout() {
            var registers =
                    RegisterBlock.builder()
                            .readWrite(0, 4, "LATCH", () -> value, written -> value = written)
                            .build();
            return DeviceLayout.pci(1, 2).bar(0, Bar.memory(0x10, registers)).build();
        }
    }
}
