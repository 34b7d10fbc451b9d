package io.vfiouser.it.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.devices.edu.EduDevice;
import io.vfiouser.devices.edu.EduSettings;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.devices.timer.TimerDevice;
import io.vfiouser.server.ServeException;
import io.vfiouser.server.ServedDevice;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.options.Endpoint;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.server.options.ServiceOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A device goes on after a planned stop as its client has left it, once.
@ExtendWith(NoDescriptorLeaks.class)
final class KeptStateTest {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int INTX = 0;
    private static final int BAR = 2;

    @TempDir Path directory;
    private Path states;

    @BeforeEach
    void makeDirectory() throws IOException {
        states = Files.createDirectory(directory.resolve("states"));
    }

    @Test
    void registersAndConfigSpaceStay() throws IOException {
        try (var server = server();
                var client = connect(serve(server, "gpio0", new GpioDevice()))) {
            client.write(BAR, 0, 1, 0xa5);
            client.configSpace().write16(4, 0x5);
            server.close(Duration.ZERO); // while the client is there
        }
        Path file = states.resolve("gpio0.state");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (var server = server()) {
            ServedDevice served = serve(server, "gpio0", new GpioDevice());
            assertThat(states).isEmptyDirectory();
            try (var client = connect(served)) {
                assertThat(client.read(BAR, 0, 1)).isEqualTo(0xa5);
                assertThat(client.configSpace().read16(4)).isEqualTo(0x5);
            }
        }
    }

    @Test
    void aRaisedLineIsRaisedForTheNextClient() throws InterruptedException {
        try (var server = server();
                var client = connect(serve(server, "gpio0", new GpioDevice()))) {
            client.read(BAR, 2, 1); // enables interrupts
            client.write(BAR, 0, 1, 1);
            server.close(Duration.ZERO); // while the client is there
        }
        try (var server = server();
                var client = connect(serve(server, "gpio0", new GpioDevice()))) {
            var irq = client.irq(INTX, 0);
            irq.arm();
            assertThat(irq.await(PATIENCE)).isEqualTo(1);
        }
    }

    @Test
    void aDeviceThatComputesGoesOnForTheNextClient() {
        try (var server = server();
                var client = connect(serve(server, "edu0", edu()))) {
            client.write(0, 0x04, 4, 0x1234);
            client.write(0, 0x08, 4, 5);
            server.close(Duration.ZERO); // while the client is there
        }
        try (var server = server();
                var client = connect(serve(server, "edu0", edu()))) {
            assertThat(client.read(0, 0x04, 4)).isEqualTo(~0x1234 & 0xffff_ffffL);
            assertThat(client.read(0, 0x08, 4)).isEqualTo(120);
        }
    }

    @Test
    void mappableMemoryStays() {
        try (var server = server();
                var client = connect(serve(server, "timer0", new TimerDevice()))) {
            client.write(1, 0x2010, 8, 0xfeed);
            server.close(Duration.ZERO); // while the client is there
        }
        try (var server = server();
                var client = connect(serve(server, "timer0", new TimerDevice()))) {
            assertThat(client.read(1, 0x2010, 8)).isEqualTo(0xfeed);
        }
    }

    @Test
    void stateThatNobodyLookedAtIsKeptAgain() {
        try (var server = server();
                var client = connect(serve(server, "gpio0", new GpioDevice()))) {
            client.write(BAR, 0, 1, 0x77);
            server.close(Duration.ZERO);
        }
        for (int i = 0; i < 3; i++) {
            try (var server = server()) {
                serve(server, "gpio0", new GpioDevice());
            }
        }
        try (var server = server();
                var client = connect(serve(server, "gpio0", new GpioDevice()))) {
            assertThat(client.read(BAR, 0, 1)).isEqualTo(0x77);
        }
    }

    @Test
    void aClientThatLeavesByItselfLeavesAResetDevice() throws Exception {
        try (var server = server()) {
            ServedDevice served = serve(server, "gpio0", new GpioDevice());
            var gone = served.clientGone().toCompletableFuture();
            try (var client = connect(served)) {
                client.write(BAR, 0, 1, 0x77);
            }
            gone.get();
        }
        try (var server = server();
                var client = connect(serve(server, "gpio0", new GpioDevice()))) {
            assertThat(client.read(BAR, 0, 1)).isZero();
        }
    }

    @Test
    void oneDeviceIsKeptWhenItIsRemoved() throws Exception {
        try (var server = server()) {
            ServedDevice served = serve(server, "gpio0", new GpioDevice());
            try (var client = connect(served)) {
                client.write(BAR, 0, 1, 0x11);
                served.remove(Duration.ofMillis(1)).toCompletableFuture().get();
            }
            try (var client = connect(serve(server, "gpio0", new GpioDevice()))) {
                assertThat(client.read(BAR, 0, 1)).isEqualTo(0x11);
            }
        }
    }

    @Test
    void aDeviceWithoutStateIsRefused() {
        try (var server = server()) {
            assertThatExceptionOfType(ServeException.class)
                    .isThrownBy(() -> serve(server, "testdev0", new TestDevice()))
                    .withMessageContaining("testdev0: state: device without Migratable (expected:");
            assertThat(server.devices()).isEmpty();
        }
    }

    @Test
    void theStateOfAnotherDeviceIsRefusedAndStays() throws IOException {
        try (var server = server()) {
            serve(server, "gpio0", new GpioDevice());
        }
        byte[] before = Files.readAllBytes(states.resolve("gpio0.state"));
        try (var server = server()) {
            assertThatExceptionOfType(ServeException.class)
                    .isThrownBy(() -> serve(server, "gpio0", new TimerDevice()))
                    .withMessageContaining("gpio0.state: state of PCI device 494f:0dc8 (expected:")
                    .withMessageContaining("move it away");
            assertThat(server.devices()).isEmpty();
            assertThat(directory.resolve("gpio0")).doesNotExist();
        }
        assertThat(states.resolve("gpio0.state")).hasBinaryContent(before);
    }

    @Test
    void aStateThatCannotBeKeptIsAnError() throws IOException {
        var server = server();
        serve(server, "gpio0", new GpioDevice());
        Files.delete(states);
        assertThatExceptionOfType(ServeException.class)
                .isThrownBy(server::close)
                .withMessageContaining("gpio0.state: cannot be written");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aDeviceThatWasGivenUpIsNotKept() {
        var server = server();
        ServedDevice served = serve(server, "gpio0", new GpioDevice());
        served.giveUp("for the test").join();
        assertThatExceptionOfType(ServeException.class)
                .isThrownBy(server::close)
                .withMessageContaining("given up");
        assertThat(states).isEmptyDirectory();
    }

    @Test
    void aDirectoryThatIsNotThereIsRefused() throws IOException {
        Files.delete(states);
        try (var server = server()) {
            assertThatExceptionOfType(ServeException.class)
                    .isThrownBy(() -> serve(server, "gpio0", new GpioDevice()))
                    .withMessageContaining("expected: a directory that can be written");
        }
    }

    private static EduDevice edu() {
        return new EduDevice(EduSettings.DEFAULTS);
    }

    private static VfioUserServer server() {
        return VfioUserServer.start(ServerOptions.defaults());
    }

    private ServedDevice serve(VfioUserServer server, String name, Device device) {
        return server.serve(
                name,
                device,
                Endpoint.at(directory.resolve(name)),
                ServiceOptions.defaults().withStateDirectory(states));
    }

    private static VfioUserClient connect(ServedDevice served) {
        return VfioUserClient.connect(served.socket());
    }
}
