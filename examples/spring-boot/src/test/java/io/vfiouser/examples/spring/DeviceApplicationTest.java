package io.vfiouser.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.server.VfioUserServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/// The application as it starts by itself: guests by sockets, people by HTTP.
class DeviceApplicationTest {
    private static final int CELSIUS = 0;

    @TempDir private Path directory;

    private ConfigurableApplicationContext start(String... more) {
        var properties = new ArrayList<String>();
        properties.add("vfio-user.directory=" + directory);
        properties.add("vfio-user.metrics-interval=20ms");
        properties.add("vfio-user.grace=1s");
        properties.add("server.port=0");
        properties.add("spring.main.banner-mode=off");
        properties.addAll(List.of(more));
        return new SpringApplicationBuilder(DeviceApplication.class)
                .run(properties.stream().map(each -> "--" + each).toArray(String[]::new));
    }

    private static String http(
            ConfigurableApplicationContext application, String path, HttpRequest.Builder request)
            throws Exception {
        String port = application.getEnvironment().getRequiredProperty("local.server.port");
        try (var http = HttpClient.newHttpClient()) {
            var uri = URI.create("http://127.0.0.1:" + port + path);
            return http.send(request.uri(uri).build(), BodyHandlers.ofString()).body();
        }
    }

    private static String get(ConfigurableApplicationContext application, String path)
            throws Exception {
        return http(application, path, HttpRequest.newBuilder().GET());
    }

    @Test
    void aGuestSeesWhatPeopleSay() throws Exception {
        try (var application = start();
                var guest = VfioUserClient.connect(directory.resolve("thermometer0.sock"))) {
            var changed = guest.irq(0, 0);
            changed.arm();
            http(
                    application,
                    "/thermometer",
                    HttpRequest.newBuilder()
                            .PUT(BodyPublishers.ofString("21"))
                            .header("Content-Type", "application/json"));
            assertThat(changed.await(Duration.ofSeconds(10))).isEqualTo(1);
            assertThat(guest.read(0, CELSIUS, 4)).isEqualTo(21);
            assertThat(get(application, "/thermometer")).isEqualTo("21");
        }
    }

    @Test
    void devicesAreInHealthAndMetrics() throws Exception {
        try (var application = start();
                var guest = VfioUserClient.connect(directory.resolve("gpio0.sock"))) {
            guest.write(2, 0, 1, 0xa5);
            assertThat(get(application, "/actuator/health/vfioUser"))
                    .contains("\"status\":\"UP\"")
                    .contains("\"gpio0\":{\"served\":true", "\"client\":true")
                    .contains("\"thermometer0\":{\"served\":true", "\"client\":false");
            awaitMetric(
                    application,
                    "vfio_user_accesses_total{device=\"gpio0\",operation=\"write\",region=\"BAR2\"}"
                            + " 1.0");

            application.getBean(VfioUserServer.class).device("gpio0").orElseThrow().close();
            assertThat(get(application, "/actuator/health/vfioUser"))
                    .contains("\"status\":\"DOWN\"")
                    .contains("\"gpio0\":{\"served\":false}");
        }
    }

    /// Meters appear when the loops have looked for them.
    private static void awaitMetric(ConfigurableApplicationContext application, String line)
            throws Exception {
        String all = "";
        for (int i = 0; i < 100 && !all.contains(line); i++) {
            all = get(application, "/actuator/prometheus");
        }
        assertThat(all).contains(line);
    }

    @Test
    void theEndOfTheApplicationTakesTheSocketsAway() {
        Path own = directory.resolve("elsewhere").resolve("panel.sock");
        try (var application = start("vfio-user.devices.gpio0.socket=" + own)) {
            assertThat(application.isRunning()).isTrue();
            assertThat(own).exists();
            assertThat(directory.resolve("thermometer0.sock")).exists();
        }
        assertThat(own).doesNotExist();
        assertThat(directory.resolve("thermometer0.sock")).doesNotExist();
    }

    @Test
    void aPropertyOfNoDeviceIsTold() {
        assertThatThrownBy(() -> start("vfio-user.devices.gpio7.socket=/x"))
                .hasRootCauseMessage(
                        "vfio-user.devices: [gpio7] (expected: of the Device beans [gpio0,"
                                + " thermometer0])");
    }
}
