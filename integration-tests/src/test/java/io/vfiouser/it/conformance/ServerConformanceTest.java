package io.vfiouser.it.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.vfiouser.device.Device;
import io.vfiouser.devices.edu.EduDevice;
import io.vfiouser.devices.edu.EduSettings;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.devices.timer.TimerDevice;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.testkit.conformance.ConformanceCheck;
import io.vfiouser.testkit.conformance.ConformanceOptions;
import io.vfiouser.testkit.conformance.ConformanceReport;
import io.vfiouser.testkit.conformance.ConformanceResult;
import io.vfiouser.testkit.conformance.ConformanceResult.NotApplicable;
import io.vfiouser.testkit.conformance.ConformanceSuite;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/// Every check of the conformance suite passes, or does not apply to the device.
@ExtendWith(NoDescriptorLeaks.class)
class ServerConformanceTest {
    /// Ample, for a machine that does other things as well.
    private static final ConformanceOptions OPTIONS =
            ConformanceOptions.defaults().withTimeout(Duration.ofSeconds(10));

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private TestServer server = TestServer.start();

    @BeforeEach
    void keep() {
        open.push(server);
    }

    @AfterEach
    void close() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    @TestFactory
    Stream<DynamicTest> testdev() {
        return checksOf(new TestDevice());
    }

    @TestFactory
    Stream<DynamicTest> gpio() {
        return checksOf(new GpioDevice());
    }

    @TestFactory
    Stream<DynamicTest> timer() {
        return checksOf(new TimerDevice());
    }

    @TestFactory
    Stream<DynamicTest> edu() {
        return checksOf(new EduDevice(EduSettings.DEFAULTS));
    }

    @Test
    void nearlyEveryCheckAppliesToTestdev() {
        Path socket = server.serve("testdev", new TestDevice());
        try (var suite = ConformanceSuite.connect(socket, OPTIONS)) {
            ConformanceReport report = suite.runAll();
            assertThat(report.differing()).as(report.text()).isZero();
            // testdev does not migrate, and has no dirty page log.
            assertThat(report.results())
                    .filteredOn(entry -> entry.getValue() instanceof NotApplicable)
                    .extracting(entry -> entry.getKey().group())
                    .filteredOn(group -> !group.equals("migration"))
                    .filteredOn(group -> !group.equals("dirty page log"))
                    .as(report.text(true))
                    .hasSizeLessThanOrEqualTo(3);
            assertThat(report.text())
                    .contains("1af4:10f0")
                    .contains(" 0 differ, ")
                    .doesNotContain("DIFFERS");
        }
    }

    private Stream<DynamicTest> checksOf(Device device) {
        Path socket = server.serve("device", device);
        var suite = ConformanceSuite.connect(socket, OPTIONS);
        open.push(suite);
        return suite.checks().stream()
                .map(check -> DynamicTest.dynamicTest(check.toString(), () -> pass(suite, check)));
    }

    private static void pass(ConformanceSuite suite, ConformanceCheck check) {
        ConformanceResult result = suite.run(check);
        if (result instanceof NotApplicable(String reason)) {
            abort(reason);
        }
        assertThat(result)
                .as(check + ": " + check.specification())
                .isEqualTo(new ConformanceResult.Passed());
    }
}
