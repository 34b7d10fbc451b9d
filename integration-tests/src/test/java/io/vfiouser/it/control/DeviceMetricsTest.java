package io.vfiouser.it.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.metrics.DeviceMetrics;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Meters come and go with devices.
@ExtendWith(NoDescriptorLeaks.class)
final class DeviceMetricsTest {
    private static final String DEVICE = "device";

    private final TestServer server = TestServer.start();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void metersOfAClosedDeviceAreRemovedByTheNextRefresh() {
        try (var metrics = new DeviceMetrics(server.server())) {
            metrics.bindTo(registry);
            Path socket = server.serve("one", new TestDevice());
            try (var client = VfioUserClient.connect(socket)) {
                client.read(0, 0, 4);
            }
            metrics.refresh();
            assertThat(registry.find("vfio.user.commands").tag(DEVICE, "one").meters())
                    .isNotEmpty();

            server.server().device("one").orElseThrow().close();
            metrics.refresh();
            assertThat(meters("one")).isZero();
        }
    }

    @Test
    void nothingIsMadeAfterTheEnd() {
        var metrics = new DeviceMetrics(server.server());
        metrics.bindTo(registry);
        server.serve("one", new TestDevice());
        metrics.close();
        assertThat(registry.getMeters()).isEmpty();
        metrics.refresh();
        assertThat(registry.getMeters()).isEmpty();
    }

    private long meters(String device) {
        return registry.getMeters().stream()
                .filter(meter -> device.equals(meter.getId().getTag(DEVICE)))
                .count();
    }
}
