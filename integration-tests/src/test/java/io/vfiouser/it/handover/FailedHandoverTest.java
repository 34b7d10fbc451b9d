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
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
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
    private static final int HELLO = 1;
    private static final int FREEZE = 3;
    private static final int INSTALLED = 6;

    /// The JDK keeps a socket of its own from the first one on that it closes.
    @BeforeAll
    static void letTheJdkOpenItsSocket() throws IOException {
        try (var relay = Relay.start()) {
            leaveAfter(relay.handoverSocket(), HELLO);
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
            for (int lastStep : new int[] {0, HELLO, FREEZE, INSTALLED}) {
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
                var stranger = connect(relay.handoverSocket())) {
            send(stranger, HELLO, ByteBuffer.allocate(8).putInt(0x7666_7568).putInt(99).flip());
            String answer = answer(stranger);
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
        try (var process = connect(socket)) {
            if (lastStep >= HELLO) {
                send(process, HELLO, ByteBuffer.allocate(8).putInt(0x7666_7568).putInt(1).flip());
                answer(process);
            }
            if (lastStep >= FREEZE) {
                byte[] name = "device0".getBytes(StandardCharsets.UTF_8);
                send(
                        process,
                        FREEZE,
                        ByteBuffer.allocate(6 + name.length)
                                .put((byte) 1)
                                .putInt(name.length)
                                .put(name)
                                .put((byte) 0)
                                .flip());
                answer(process);
            }
            if (lastStep >= INSTALLED) {
                send(process, INSTALLED, ByteBuffer.allocate(0));
            }
        }
    }

    private static SocketChannel connect(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        return channel;
    }

    private static void send(SocketChannel channel, int step, ByteBuffer body) throws IOException {
        var message =
                ByteBuffer.allocate(16 + body.remaining())
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putShort((short) 0)
                        .putShort((short) step)
                        .putInt(16 + body.remaining())
                        .putLong(0)
                        .put(body)
                        .flip();
        channel.write(message);
    }

    /// Some of what the server says.
    private static String answer(SocketChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4096);
        channel.read(bytes);
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
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
