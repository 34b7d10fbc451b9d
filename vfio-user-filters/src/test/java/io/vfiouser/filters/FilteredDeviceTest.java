package io.vfiouser.filters;

import static io.vfiouser.filters.SampleDevice.bar0;
import static io.vfiouser.filters.SampleDevice.read;
import static io.vfiouser.filters.SampleDevice.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoDescriptorLeaks.class)
class FilteredDeviceTest {
    private final SampleDevice device = new SampleDevice();

    @Test
    void regionsThatNoFilterCaresForStayAsTheyAre() {
        try (var filtered = FilteredDevice.of(device, new DropIrqFilter())) {
            assertThat(bar0(filtered)).isSameAs(device.registers);
            assertThat(filtered.layout().bar(1).orElseThrow().region().mappable()).isPresent();
        }
    }

    @Test
    void regionsBehindAFilterCannotBeMapped() {
        try (var filtered = FilteredDevice.of(device, new StatsFilter())) {
            assertThat(filtered.layout().bar(1).orElseThrow().region().mappable()).isEmpty();
        }
    }

    @Test
    void onlyTheTargetsRegionIsTouched() {
        var settings = ErrorSettings.NONE.at("BAR0.VALUE");
        try (var filtered = FilteredDevice.of(device, new ErrorFilter(settings))) {
            assertThat(bar0(filtered)).isNotSameAs(device.registers);
            assertThat(filtered.layout().bar(1).orElseThrow().region().mappable()).isPresent();
        }
    }

    @Test
    void theOutermostFilterComesFirst() {
        var order = new ArrayList<String>();
        try (var filtered =
                FilteredDevice.of(device, new Marker("a", order), new Marker("b", order))) {
            read(bar0(filtered), 0, 4);
            assertThat(order).containsExactly("a", "b");
            assertThat(filtered.filters()).extracting(DeviceFilter::name).containsExactly("a", "b");
        }
    }

    @Test
    void aFilterThatIsSwitchedOffLetsEverythingPass() {
        var order = new ArrayList<String>();
        var marker = new Marker("a", order);
        try (var filtered = FilteredDevice.of(device, marker)) {
            marker.enabled(false);
            write(bar0(filtered), 0, 4, 7);
            assertThat(read(bar0(filtered), 0, 4)).isEqualTo(7);
            assertThat(order).isEmpty();
            assertThat(marker).hasToString("a (off)");
            marker.enabled(true);
            read(bar0(filtered), 0, 4);
            assertThat(order).containsExactly("a");
        }
    }

    @Test
    void registersKeepTheirNames() {
        try (var filtered = FilteredDevice.of(device, new StatsFilter())) {
            assertThat(bar0(filtered).registerAt(5).orElseThrow().name()).isEqualTo("STATUS");
        }
    }

    @Test
    void anUnknownRegisterIsRefused() {
        var filter = new ErrorFilter(ErrorSettings.NONE.at("STATE"));
        try (device) {
            assertThatThrownBy(() -> FilteredDevice.of(device, filter))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "at: STATE (expected: all, or one of BAR0, BAR0.VALUE, BAR0.STATUS,"
                                    + " BAR1, config)");
            assertThat(device.closed).isFalse();
        }
    }

    @Test
    void anInterruptThatTheDeviceHasNotIsRefused() {
        var settings = new DropIrqSettings(IrqTarget.parse("msix.2"), 1, 0);
        try (device) {
            assertThatThrownBy(() -> FilteredDevice.of(device, new DropIrqFilter(settings)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("irq: msix.2 (expected: ");
        }
    }

    @Test
    void aFilterHasOneDevice() {
        var filter = new StatsFilter();
        try (device) {
            assertThatThrownBy(() -> FilteredDevice.of(device, filter, filter))
                    .isInstanceOf(IllegalArgumentException.class);
            FilteredDevice.of(device, filter);
            assertThatThrownBy(() -> FilteredDevice.of(device, filter))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "filter: stats: has a device (expected: one device for each filter)");
        }
    }

    @Test
    void closesTheDevice() {
        FilteredDevice.of(device, List.of()).close();
        assertThat(device.closed).isTrue();
    }

    /// Leaves its name where an access passes.
    private static final class Marker extends DeviceFilter {
        private final List<String> order;

        private Marker(String name, List<String> order) {
            super(name);
            this.order = order;
        }

        @Override
        protected RegionHandler around(FilteredRegion region, RegionHandler next) {
            return new RegionHandler() {
                @Override
                public Completion read(long offset, MemorySegment into) {
                    order.add(name());
                    return next.read(offset, into);
                }

                @Override
                public Completion write(long offset, MemorySegment from) {
                    order.add(name());
                    return next.write(offset, from);
                }
            };
        }
    }
}
