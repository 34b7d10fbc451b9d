package io.vfiouser.it.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.devices.timer.TimerDevice;
import io.vfiouser.server.Removal;
import io.vfiouser.server.ServedDevice;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.handover.HandoverOptions;
import io.vfiouser.server.handover.Successor;
import io.vfiouser.server.handover.TakeoverException;
import io.vfiouser.server.options.Endpoint;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.server.options.ServiceOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Hot restart beside a state directory: what goes over is not saved, what has come is not
/// restored.
@ExtendWith(NoDescriptorLeaks.class)
final class StateTakeoverTest {
    private static final String NAME = "gpio0";
    private static final int BAR = 2;

    @TempDir Path directory;
    private Path states;

    @BeforeEach
    void makeDirectory() throws IOException {
        states = Files.createDirectory(directory.resolve("states"));
    }

    @Test
    void whatWasTakenOverIsSavedByTheNewProcessOnly() throws Exception {
        var old = server();
        var served = serve(old);
        try (var client = VfioUserClient.connect(served.socket())) {
            client.write(BAR, 0, 1, 0x5a);
            try (var next = server()) {
                takeOver(next, GpioDevice::new);
                old.awaitShutdown();
                assertThat(served.whenClosed().toCompletableFuture().get())
                        .isEqualTo(Removal.TAKEN_OVER);
                assertThat(states).isEmptyDirectory();
                assertThat(client.read(BAR, 0, 1)).isEqualTo(0x5a);
                client.write(BAR, 0, 1, 0x5b);
                next.close(Duration.ZERO);
            }
        }
        assertRestored(0x5b);
    }

    @Test
    void whatHasComeIsNotReplacedByAFile() throws Exception {
        saveSome(0x11);
        byte[] file = Files.readAllBytes(states.resolve("gpio0.state"));
        Files.delete(states.resolve("gpio0.state"));
        var old = server();
        try (var client = VfioUserClient.connect(serve(old).socket());
                var next = server()) {
            client.write(BAR, 0, 1, 0x22);
            Files.write(states.resolve("gpio0.state"), file);
            takeOver(next, GpioDevice::new);
            assertThat(client.read(BAR, 0, 1)).isEqualTo(0x22);
            next.close(Duration.ZERO);
        }
        assertRestored(0x22);
    }

    @Test
    void aRestoredDeviceWithoutClientGoesOverAndStartsThere() throws Exception {
        saveSome(0x33);
        var old = server();
        var socket = serve(old).socket();
        try (var next = server()) {
            takeOver(next, GpioDevice::new);
            try (var client = VfioUserClient.connect(socket)) {
                assertThat(client.read(BAR, 0, 1)).isEqualTo(0x33);
            }
        }
    }

    @Test
    void afterATakeoverThatWasRefusedTheOldOneSaves() throws Exception {
        var old = server();
        try (var client = VfioUserClient.connect(serve(old).socket())) {
            client.write(BAR, 0, 1, 0x44);
            try (var next = server()) {
                assertThatExceptionOfType(TakeoverException.class)
                        .isThrownBy(() -> takeOver(next, TimerDevice::new));
            }
            assertThat(states).isEmptyDirectory();
            old.close();
        }
        assertRestored(0x44);
    }

    private void saveSome(int value) {
        try (var server = server();
                var client = VfioUserClient.connect(serve(server).socket())) {
            client.write(BAR, 0, 1, value);
            server.close(Duration.ZERO);
        }
    }

    private void assertRestored(int value) {
        try (var server = server();
                var client = VfioUserClient.connect(serve(server).socket())) {
            assertThat(client.read(BAR, 0, 1)).isEqualTo(value);
        }
    }

    private static VfioUserServer server() {
        return VfioUserServer.start(ServerOptions.defaults().withHandover(true));
    }

    private ServedDevice serve(VfioUserServer server) {
        var served =
                server.serve(NAME, new GpioDevice(), Endpoint.at(directory.resolve(NAME)), kept());
        server.offerHandover(handover());
        return served;
    }

    private void takeOver(VfioUserServer next, Supplier<Device> maker) {
        next.takeOver(handover(), _ -> Map.of(NAME, new Successor(maker.get(), kept())));
    }

    private HandoverOptions handover() {
        return HandoverOptions.at(directory.resolve("handover"));
    }

    private ServiceOptions kept() {
        return ServiceOptions.defaults().withStateDirectory(states);
    }
}
