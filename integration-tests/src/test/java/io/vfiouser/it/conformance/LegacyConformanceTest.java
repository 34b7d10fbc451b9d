package io.vfiouser.it.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.Device;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.devices.timer.TimerDevice;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.testkit.conformance.ConformanceOptions;
import io.vfiouser.testkit.conformance.ConformanceReport;
import io.vfiouser.testkit.conformance.ConformanceResult.NotApplicable;
import io.vfiouser.testkit.conformance.ConformanceSuite;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Every legacy check of the conformance suite passes against our server, with devices that know
/// nothing of the dialect, and with one that does.
@ExtendWith(NoDescriptorLeaks.class)
class LegacyConformanceTest {
    private static final ConformanceOptions OPTIONS =
            ConformanceOptions.defaults()
                    .withTimeout(Duration.ofSeconds(10))
                    .withDialect(Dialect.LEGACY);

    @TempDir private Path directory;

    @Test
    void everyCheckAppliesToTimer() {
        ConformanceReport report = examine(new TimerDevice());
        assertThat(report.results()).noneMatch(entry -> entry.getValue() instanceof NotApplicable);
    }

    @Test
    void gpioMigratesInThisDialectToo() {
        ConformanceReport report = examine(new GpioDevice());
        assertThat(report.results())
                .filteredOn(entry -> entry.getValue() instanceof NotApplicable)
                .hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void testdevPasses() {
        examine(new TestDevice());
    }

    private ConformanceReport examine(Device device) {
        Path socket = directory.resolve("legacy.sock");
        try (var server =
                VfioUserServer.start(ServerOptions.defaults().withDialect(Dialect.LEGACY))) {
            server.serve("device", device, socket);
            try (var suite = ConformanceSuite.connect(socket, OPTIONS)) {
                ConformanceReport report = suite.runAll();
                assertThat(report.differing()).as(report.text(true)).isZero();
                return report;
            }
        }
    }
}
