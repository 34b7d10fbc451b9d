package io.vfiouser.it.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.cli.types.InstalledCatalog;
import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.control.ControlAddress;
import io.vfiouser.control.ControlClient;
import io.vfiouser.control.ControlServer;
import io.vfiouser.control.ControlToken;
import io.vfiouser.control.DeviceCatalog;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.filters.FilteredDevice;
import io.vfiouser.metrics.Metric;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.options.ServerOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Calls of the control API, and who may not make them.
class ControlServerTest {
    private static final int BAR = 2;

    @TempDir private Path directory;
    private final VfioUserServer server = VfioUserServer.start(ServerOptions.defaults());
    private final ControlToken token = ControlToken.random();
    private ControlServer control;
    private ControlClient client;
    private Path socket;

    @BeforeEach
    void start() {
        socket = directory.resolve("gpio.sock");
        server.serve("gpio0", FilteredDevice.adjustable(new GpioDevice(), List.of()), socket);
        control =
                ControlServer.start(
                        server,
                        new ControlAddress.Loopback(0),
                        Optional.of(token),
                        new InstalledCatalog());
        client = new ControlClient(control.address(), Optional.of(token));
    }

    @AfterEach
    void stop() {
        control.close();
        server.close();
    }

    private String call(String method, String path, String body) throws IOException {
        ControlClient.Answer answer = client.call(method, path, body);
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        return answer.body();
    }

    @Test
    void aNameOfADeviceCannotBreakTheMetrics() throws Exception {
        server.serve("a\"} 1\nb\\", new GpioDevice(), directory.resolve("odd.sock"));
        try (var _ = VfioUserClient.connect(directory.resolve("odd.sock"))) {
            assertThat(call("GET", "/metrics", ""))
                    .contains("device=\"a\\\"} 1\\nb\\\\\"")
                    .doesNotContain("a\"} 1");
        }
    }

    @Test
    void givesADeviceUp() throws Exception {
        try (var guest = VfioUserClient.connect(socket)) {
            assertThat(call("GET", "/v1/devices/gpio0", "")).contains("\"givenUp\":false");
            call("POST", "/v1/devices/gpio0/give-up", "{\"reason\":\"smoke\"}");
            assertThat(guest.read(BAR, 0, 1)).isEqualTo(0xff);
            assertThat(call("GET", "/v1/devices/gpio0", "")).contains("\"givenUp\":\"smoke\"");
        }
    }

    @Test
    void movesDevicesBetweenLoops() throws Exception {
        String loops = call("GET", "/v1/loops", "");
        assertThat(loops).contains("\"number\":0", "\"devices\":1", "\"thread\":\"vfio-user-");
        assertThat(call("GET", "/v1/devices", "")).contains("\"loop\":0");

        assertThat(call("POST", "/v1/devices/gpio0/move", "{\"loop\":0}"))
                .isEqualTo("{\"loop\":0}");
        assertThat(client.call("POST", "/v1/devices/gpio0/move", "{\"loop\":7}").body())
                .isEqualTo("{\"error\":\"loop: 7 (expected: 0 to 0)\"}");
        assertThat(call("GET", "/metrics", "")).contains("vfio_user_loop_devices{loop=\"0\"} 1.0");
    }

    @Test
    void listsAddsAndRemovesDevices() throws Exception {
        assertThat(call("GET", "/health", "")).contains("\"devices\":1");
        Path second = directory.resolve("second.sock");
        call(
                "POST",
                "/v1/devices",
                "{\"type\":\"gpio\",\"name\":\"two\",\"socket\":\"%s\"}".formatted(second));
        assertThat(call("GET", "/v1/devices", "")).contains("gpio0", "two");
        try (var guest = VfioUserClient.connect(second)) {
            assertThat(call("GET", "/v1/devices/two", "")).contains("\"session\":1", "OUT0_7");
            assertThat(guest.isOpen()).isTrue();
        }
        assertThat(call("DELETE", "/v1/devices/two", "")).contains("removal");
        assertThat(second).doesNotExist();
        assertThat(client.call("GET", "/v1/devices/two", "").status()).isEqualTo(404);
    }

    @Test
    void putsFiltersAroundARunningDeviceAndSwitchesThem() throws Exception {
        try (var guest = VfioUserClient.connect(socket)) {
            long before = guest.read(BAR, 0, 1);
            String added =
                    call("POST", "/v1/devices/gpio0/filters", "{\"filter\":\"error:read=EBUSY\"}");
            assertThat(added).contains("\"enabled\":true", "error:read=EBUSY");
            assertThatThrownBy(() -> guest.read(BAR, 0, 1))
                    .isInstanceOf(RemoteErrorException.class)
                    .hasMessageContaining("EBUSY");
            String one = "/v1/devices/gpio0/filters/" + added.replaceAll(".*\"id\":(\\d+).*", "$1");
            call("PUT", one, "{\"enabled\":false}");
            assertThat(guest.read(BAR, 0, 1)).isEqualTo(before);
            call("PUT", one, "{\"enabled\":true}");
            assertThatThrownBy(() -> guest.read(BAR, 0, 1)).hasMessageContaining("EBUSY");
            call("DELETE", one, "");
            assertThat(guest.read(BAR, 0, 1)).isEqualTo(before);
            assertThat(call("GET", "/v1/devices/gpio0/filters", "")).isEqualTo("[]");
            call("POST", "/v1/devices/gpio0/fail", "{\"errno\":\"EIO\",\"count\":1}");
            assertThatThrownBy(() -> guest.read(BAR, 0, 1)).hasMessageContaining("EIO");
            assertThat(guest.read(BAR, 0, 1)).isEqualTo(before);
        }
    }

    @Test
    void firesInterruptsResetsAndDisconnects() throws Exception {
        try (var guest = VfioUserClient.connect(socket)) {
            var irq = guest.irq(0, 0);
            irq.arm();
            assertThat(call("POST", "/v1/devices/gpio0/irqs", "{\"index\":\"INTX\"}"))
                    .isEqualTo("{\"armed\":true}");
            assertThat(irq.await(Duration.ofSeconds(20))).isEqualTo(1);
            call("POST", "/v1/devices/gpio0/reset", "");
            irq.disarm();
            call("POST", "/v1/devices/gpio0/disconnect", "");
            guest.closed().toCompletableFuture().exceptionally(_ -> null).join();
        }
    }

    @Test
    void givesMetricsToPrometheusByTheNamesOfTheirTable() throws Exception {
        try (var guest = VfioUserClient.connect(socket)) {
            guest.read(BAR, 0, 1);
            assertThat(client.call("GET", "/metrics", "").body())
                    .contains(
                            "vfio_user_commands_total{command=\"REGION_READ\",device=\"gpio0\"}"
                                    + " 1.0")
                    .contains(Metric.COMMAND_DURATION_BUCKETS.meter().replace('.', '_'));
        }
    }

    @Test
    void saysWhatIsWrongWithACall() throws Exception {
        assertThat(client.call("POST", "/v1/devices/gpio0/filters", "{\"filter\":\"slow\"}"))
                .satisfies(answer -> {
                    assertThat(answer.status()).isEqualTo(400);
                    assertThat(answer.body()).contains("unknown (expected: one of");
                });
        assertThat(client.call("POST", "/v1/devices/gpio0/irqs", "{\"index\":\"MSIX\"}").body())
                .contains("MSIX.0 (expected: one of the 0 that the layout has)");
        assertThat(client.call("POST", "/v1/devices", "{]").status()).isEqualTo(400);
        assertThat(client.call("PATCH", "/v1/devices", "").status()).isEqualTo(405);
        assertThat(client.call("GET", "/v1/nothing", "").status()).isEqualTo(404);
        assertThat(client.call("POST", "/v1/devices", "x".repeat(70_000)).status()).isEqualTo(413);
    }

    @Test
    void knowsNobodyWithoutTheToken() throws Exception {
        for (var wrong :
                List.of(Optional.<ControlToken>empty(), Optional.of(ControlToken.random()))) {
            var stranger = new ControlClient(control.address(), wrong);
            for (String path : List.of("/v1/devices", "/metrics", "/v1/events", "/v1/catalog")) {
                assertThat(stranger.call("GET", path, "").status()).as(path).isEqualTo(401);
            }
            assertThat(stranger.call("GET", "/health", "").status()).isEqualTo(200);
            assertThat(stranger.call("GET", "/", "").body()).contains("<!doctype html>");
        }
    }

    @Test
    void refusesOtherHostsAndOrigins() throws Exception {
        String authorization = "Authorization: Bearer " + token.text() + "\r\n";
        String local = control.address().toString();
        assertThat(raw("Host: evil.example\r\n" + authorization)).startsWith("HTTP/1.1 403");
        assertThat(raw("Host: 127.0.0.1.evil.example\r\n" + authorization))
                .startsWith("HTTP/1.1 403");
        assertThat(raw(authorization)).startsWith("HTTP/1.1 403");
        assertThat(raw("Host: " + local + "\r\nOrigin: http://evil.example\r\n" + authorization))
                .startsWith("HTTP/1.1 403");
        assertThat(raw("Host: " + local + "\r\nOrigin: http://" + local + "\r\n" + authorization))
                .startsWith("HTTP/1.1 200")
                .containsIgnoringCase("content-security-policy: default-src 'none'");
    }

    private String raw(String headers) throws IOException {
        int port = ((ControlAddress.Loopback) control.address()).port();
        try (var plain = new Socket(InetAddress.getLoopbackAddress(), port)) {
            String request = "GET /v1/devices HTTP/1.1\r\n" + headers + "Connection: close\r\n\r\n";
            plain.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(plain.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aUnixSocketIsItsOwnersAlone() throws Exception {
        Path path = directory.resolve("control.sock");
        var address = new ControlAddress.Unix(path);
        try (var local =
                ControlServer.start(server, address, Optional.empty(), DeviceCatalog.EMPTY)) {
            assertThat(local.address()).isEqualTo(address);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rw-------");
            assertThat(new ControlClient(address, Optional.empty()).call("GET", "/v1/devices", ""))
                    .satisfies(answer -> assertThat(answer.body()).contains("gpio0"));
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void aPortWantsAToken() {
        assertThatThrownBy(() ->
                        ControlServer.start(
                                server,
                                new ControlAddress.Loopback(0),
                                Optional.empty(),
                                DeviceCatalog.EMPTY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("token: missing");
    }

    @Test
    void aTokenFileIsMadeForItsOwnerAndRefusedIfOthersCanReadIt() throws Exception {
        Path file = directory.resolve("token");
        ControlToken made = ControlToken.inFile(file);
        assertThat(ControlToken.inFile(file).text()).isEqualTo(made.text()).hasSize(64);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(() -> ControlToken.read(file))
                .hasMessageContaining("mode rw-r----- (expected: rw-------");
    }
}
