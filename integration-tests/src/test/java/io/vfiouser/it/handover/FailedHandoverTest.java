package io.vfiouser.it.handover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.it.support.GatedDevice;
import io.vfiouser.server.handover.Successor;
import io.vfiouser.server.handover.TakeoverException;
import io.vfiouser.server.options.ServiceOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A takeover that does not come about leaves the old server serving, whatever has gone wrong.
@ExtendWith(NoDescriptorLeaks.class)
final class FailedHandoverTest {

    /// The JDK keeps a socket of its own from the first one on that it closes.
    @BeforeAll
    static void letTheJdkOpenItsSocket() throws IOException {
        try (var relay = Relay.start()) {
            leaveAfter(relay.handoverSocket(), Stranger.HELLO);
        }
    }

    @Test
    void aDeviceOfAnotherLayoutIsRefused() {
        refused(() -> new GpioDevice(), "another layout");
    }

    @Test
    void aDeviceThatRefusesItsStateIsRefused() {
        refused(() -> new BrokenDevice(new TestDevice(), BrokenDevice.Fault.LOAD), "LOAD");
    }

    @Test
    void aDeviceThatThrowsWhenAttachedIsRefused() {
        refused(() -> new BrokenDevice(new TestDevice(), BrokenDevice.Fault.ATTACH), "ATTACH");
    }

    @Test
    void aMissingDeviceIsRefused() {
        try (var relay = Relay.start();
                var client = served(relay, TestDevice::new)) {
            assertThatExceptionOfType(TakeoverException.class)
                    .isThrownBy(() -> relay.attempt(FailedHandoverTest::none))
                    .withMessageContaining("device0");
            assertServed(client);
        }
    }

    @Test
    void aDeviceThatCannotGoStopsNothing() {
        try (var relay = Relay.start();
                var client = VfioUserClient.connect(relay.serve("gated", GatedDevice::new))) {
            assertThatExceptionOfType(TakeoverException.class)
                    .isThrownBy(relay::replace)
                    .withMessageContaining("gated: device: without Handover");
            assertThat(client.read(GatedDevice.BAR, GatedDevice.TAKEN, 4)).isZero();
        }
    }

    @Test
    void aDeviceThatThrowsWhenSavedGoesOn() {
        try (var relay = Relay.start();
                var client =
                        served(
                                relay,
                                () ->
                                        new BrokenDevice(
                                                new TestDevice(), BrokenDevice.Fault.SAVE))) {
            assertThatExceptionOfType(TakeoverException.class)
                    .isThrownBy(relay::replace)
                    .withMessageContaining("SAVE");
            assertServed(client);
        }
    }

    @Test
    void aProcessThatDiesAtAnyStageIsForgotten() throws IOException, InterruptedException {
        try (var relay = Relay.start();
                var client = served(relay, TestDevice::new)) {
            for (int lastStep : Stranger.STEPS) {
                leaveAfter(relay.handoverSocket(), lastStep);
                assertServed(client);
            }
            relay.replace();
            assertServed(client);
        }
    }

    @Test
    void anotherVersionIsRefused() throws IOException {
        try (var relay = Relay.start();
                var client = served(relay, TestDevice::new);
                var stranger = Stranger.connect(relay.handoverSocket())) {
            stranger.hello(99);
            String answer = stranger.answer();
            assertThat(answer).contains("handover version").contains("99");
            assertServed(client);
        }
    }

    private static Map<String, Successor> none(Map<String, Successor> made) {
        made.values().forEach(each -> each.device().close());
        return Map.of();
    }

    /// A process that ends after it has sent what belongs to a step.
    private static void leaveAfter(Path socket, int lastStep) throws IOException {
        try (var process = Stranger.connect(socket)) {
            process.goTo(lastStep, "device0");
        }
    }

    private static void refused(Supplier<Device> successor, String why) {
        try (var relay = Relay.start();
                var client = served(relay, TestDevice::new)) {
            assertThatExceptionOfType(TakeoverException.class)
                    .isThrownBy(() ->
                            relay.attempt(all -> {
                                none(all);
                                return Map.of(
                                        "device0",
                                        new Successor(successor.get(), ServiceOptions.defaults()));
                            }))
                    .withMessageContaining(why);
            assertServed(client);
            assertThat(Files.exists(relay.handoverSocket())).isTrue();
        }
    }

    private static VfioUserClient served(Relay relay, Supplier<Device> maker) {
        var client = VfioUserClient.connect(relay.serve("device0", maker));
        client.region(0).write32(0x40, 0xabcd);
        return client;
    }

    private static void assertServed(VfioUserClient client) {
        assertThat(client.region(0).read32(0x40)).isEqualTo(0xabcd);
        client.region(0).write32(0x44, 1);
        assertThat(client.region(0).read32(0x44)).isEqualTo(1);
    }
}
