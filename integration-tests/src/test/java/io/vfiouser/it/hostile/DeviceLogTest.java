package io.vfiouser.it.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.RegisterBlock;
import io.vfiouser.filters.FilteredDevice;
import io.vfiouser.filters.StatsFilter;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/// A guest makes a device log as fast as it can.
@ExtendWith(NoDescriptorLeaks.class)
final class DeviceLogTest {
    private static final int LINES = 5;
    private static final int WRITES = 500;

    private final ListAppender<ILoggingEvent> appender =
            new ListAppender<>() {
                @Override
                protected void append(ILoggingEvent event) {
                    assertThat(event.getCallerData()).as("found now or never").isNotEmpty();
                    super.append(event);
                }
            };
    private final Logger logger = (Logger) LoggerFactory.getLogger(ComplainingDevice.class);

    @BeforeEach
    void listen() {
        logger.setAdditive(false);
        appender.start();
        logger.addAppender(appender);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(appender);
        logger.setAdditive(true);
    }

    @Test
    void linesOfADeviceAreLimited() {
        long began = System.nanoTime();
        try (var server = TestServer.start(limited());
                var client =
                        VfioUserClient.connect(
                                server.serve("complaining", new ComplainingDevice()))) {
            for (int i = 0; i < WRITES; i++) {
                client.write(0, 0, 4, i);
            }
        }
        long seconds = Duration.ofNanos(System.nanoTime() - began).toSeconds() + 1;

        List<String> lines =
                appender.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
        assertThat(lines).isNotEmpty().hasSizeLessThanOrEqualTo((int) (LINES * (seconds + 1)));
        assertThat(lines).allMatch(line -> line.startsWith("[complaining] value: 0x"));
        assertThat(appender.list.getFirst().getCallerData()[0].getMethodName())
                .isEqualTo("complain");
    }

    @Test
    void theLoggerIsTheDevicesBehindFiltersToo() {
        var filter = new StatsFilter();
        try (var server = TestServer.start(limited());
                var client =
                        VfioUserClient.connect(
                                server.serve(
                                        "filtered",
                                        FilteredDevice.of(new ComplainingDevice(), filter)))) {
            client.write(0, 0, 4, 1);
        }
        assertThat(appender.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly("[filtered] value: 0x1 (expected: 0)");
    }

    private static ServerOptions limited() {
        ServerOptions defaults = ServerOptions.defaults();
        return defaults.withLimits(
                defaults.service().limits().with(Limit.MAX_LOG_LINES_PER_SECOND, LINES));
    }

    private static final class ComplainingDevice implements Device {
        private DeviceContext context = DeviceContext.UNATTACHED;

        @Override
        public DeviceLayout layout() {
            var registers =
                    RegisterBlock.builder().writeOnly(0, 4, "VALUE", this::complain).build();
            return DeviceLayout.pci(0x1af4, 0x10f0).bar(0, Bar.memory(0x100, registers)).build();
        }

        @Override
        public void attach(DeviceContext attached) {
            context = attached;
        }

        private void complain(long value) {
            context.log().warn("value: 0x{} (expected: 0)", Long.toHexString(value));
        }
    }
}
