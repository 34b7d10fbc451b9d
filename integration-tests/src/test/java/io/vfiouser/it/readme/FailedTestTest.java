package io.vfiouser.it.readme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.testkit.junit.VfioUserServerExtension;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/// What a build prints of a failed test has the accesses before it, by name.
class FailedTestTest {
    @Test
    void accessesArePrintedWithTheFailure() {
        var summary = new SummaryGeneratingListener();
        var request =
                LauncherDiscoveryRequestBuilder.request().selectors(selectClass(Failing.class));
        LauncherFactory.create().execute(request.build(), summary);
        var failures = summary.getSummary().getFailures();
        assertThat(failures).hasSize(1);
        var printed = new StringWriter();
        failures.getFirst().getException().printStackTrace(new PrintWriter(printed));
        assertThat(printed.toString())
                .contains("expected here")
                .contains(
                        """
                        gpio0, what happened last:
                          client attached
                          write BAR2.OUT0_7 = 0xa5\
                        """);
    }

    static final class Failing {
        @RegisterExtension
        static final VfioUserServerExtension SERVER =
                VfioUserServerExtension.serving("gpio0", GpioDevice::new);

        @Test
        void fails(VfioUserClient client) {
            client.write(2, 0x0, 1, 0xa5);
            throw new AssertionError("expected here");
        }
    }
}
