package io.vfiouser.cli.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.server.options.GiveUp;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.options.Limits;
import io.vfiouser.server.options.SecondClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class ConfigFileTest {
    private static final String KEYS =
            "type, socket, count, set, filters, socket-mode, socket-owner, socket-group, allow-uid,"
                    + " allow-gid, second-client, pad-errors, bus-master-required, give-up, state,"
                    + " dialect, limits";

    @Test
    void readsDevices() {
        var requests =
                parse(
                        "f.yaml",
                        """
                        # Two kinds.
                        devices:
                          - type: gpio
                            socket: /run/gpio.sock
                          - {type: disk, socket: "/run/%d", count: 4,
                             set: {size: 512M, read-only: true, id: 007, rate: 1.50}}
                        """);
        assertThat(requests)
                .containsExactly(
                        new ServeRequest(
                                "f.yaml:3: devices[0]: ", "gpio", "/run/gpio.sock", 1, Map.of()),
                        new ServeRequest(
                                "f.yaml:5: devices[1]: ",
                                "disk",
                                "/run/%d",
                                4,
                                Map.of(
                                        "size", "512M",
                                        "read-only", "true",
                                        "id", "007",
                                        "rate", "1.50")));
    }

    @Test
    void readsFilters() {
        var requests =
                parse(
                        "f.yaml",
                        """
                        devices:
                          - type: gpio
                            socket: /run/gpio.sock
                            filters: ['delay:read=5ms,at=OUT0_7', log]
                        """);
        assertThat(requests.getFirst().filters())
                .containsExactly("delay:read=5ms,at=OUT0_7", "log");
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of(
                        "devices:\n- type: a\n  socket: /a\n  filters: log\n",
                        "f.yaml:4: devices[0].filters: log (expected: a list of filters, as in -"
                                + " delay:read=5ms)"),
                Arguments.of(
                        "devices:\n- type: a\n  socket: /a\n  filters: [{a: b}]\n",
                        "f.yaml:4: devices[0].filters[0]: keys with values (expected: a filter, as"
                                + " in delay:read=5ms)"),
                Arguments.of("", "f.yaml:1: nothing (expected: devices: with a list below)"),
                Arguments.of("- a\n", "f.yaml:1: a list (expected: devices: with a list below)"),
                Arguments.of(
                        "device:\n- a\n",
                        "f.yaml:2: device: unknown key (expected: devices; did you mean devices)"),
                Arguments.of("devices: 5\n", "f.yaml:1: devices: 5 (expected: a list of devices)"),
                Arguments.of(
                        "devices: []\n", "f.yaml:1: devices: a list (expected: a list of devices)"),
                Arguments.of(
                        "devices:\n- gpio\n",
                        "f.yaml:2: devices[0]: gpio (expected: " + KEYS + ")"),
                Arguments.of(
                        "devices:\n- type: gpio\n",
                        "f.yaml:2: devices[0].socket: missing (expected: a path)"),
                Arguments.of(
                        "devices:\n- type: gpio\n  sockt: /a\n",
                        "f.yaml:3: devices[0].sockt: unknown key (expected: "
                                + KEYS
                                + "; did you mean socket)"),
                Arguments.of(
                        "devices:\n- type: [gpio]\n  socket: /a\n",
                        "f.yaml:2: devices[0].type: a list (expected: a device type)"),
                Arguments.of(
                        "devices:\n- type:\n  socket: /a\n",
                        "f.yaml:2: devices[0].type: nothing (expected: a device type)"),
                Arguments.of(
                        "devices:\n- type: gpio\n  socket: /a\n  count: many\n",
                        "f.yaml:4: devices[0].count: many (expected: a number, 1 to 65536)"),
                Arguments.of(
                        "devices:\n- type: gpio\n  socket: /a\n  set: fast\n",
                        "f.yaml:4: devices[0].set: fast (expected: settings as key: value)"),
                Arguments.of(
                        "devices:\n- type: gpio\n  socket: /a\n  set:\n    a: {b: c}\n",
                        "f.yaml:5: devices[0].set.a: keys with values (expected: a value)"),
                Arguments.of(
                        "devices:\n- &x\n  type: gpio\n  socket: /a\n- *x\n",
                        "f.yaml:2: an anchor or alias (expected: the value itself)"),
                Arguments.of(
                        "devices:\n- {type: gpio, socket: /a}\n---\ndevices: []\n",
                        "f.yaml:4: a second document (expected: one)"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void namesLinePathAndExpectationOfWhatItRefuses(String text, String message) {
        assertThatThrownBy(() -> parse("f.yaml", text))
                .isInstanceOf(UsageException.class)
                .hasMessage(message);
    }

    @Test
    void namesTheLineOfWhatIsNotYaml() {
        assertThatThrownBy(() -> parse("f.yaml", "devices:\n  - {type: gpio\n"))
                .isInstanceOf(UsageException.class)
                .hasMessageMatching("(?s)f\\.yaml:\\d+: not YAML: .+")
                .hasMessageNotContaining("\n");
        assertThatThrownBy(() -> parse("f.yaml", "devices:\n- type: a\n  type: b\n"))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("f.yaml:3: ")
                .hasMessageContaining("type");
    }

    @Test
    void refusesNestingWithoutEnd() {
        String deep = "devices: " + "[".repeat(200) + "]".repeat(200);
        assertThatThrownBy(() -> parse("f.yaml", deep))
                .hasMessage("f.yaml:1: nested deeper than 16 (expected: less)");
    }

    @Test
    void namesFilesThatCannotBeRead(@TempDir Path dir) throws IOException {
        assertThatThrownBy(() -> read(dir.resolve("absent.yaml")))
                .isInstanceOf(UsageException.class)
                .hasMessage("--config: %s/absent.yaml: no such file (expected: a YAML file)", dir);
        assertThatThrownBy(() -> read(dir))
                .hasMessage("--config: %s (expected: a YAML file of at most 1 MiB)", dir);
        Path binary = Files.write(dir.resolve("b.yaml"), new byte[] {(byte) 0xff, 0});
        assertThatThrownBy(() -> read(binary))
                .hasMessage("--config: %s: not UTF-8 (expected: a YAML file)", binary);
    }

    @Test
    void takesTermsOverThoseOfTheCommandLine() {
        ServiceTerms defaults =
                ServiceTerms.DEFAULT.with("--", "socket-mode", "0600").with("--", "allow-uid", "7");
        List<ServeRequest> requests =
                ConfigFile.parse(
                        "f.yaml",
                        """
                        devices:
                          - type: a
                            socket: /a
                          - type: b
                            socket: /b
                            socket-mode: 0660
                            allow-uid: 8, 9
                            second-client: refuse
                            pad-errors: true
                            bus-master-required: true
                            give-up: error
                            limits: {maxDmaRegions: 16, negotiationTimeout: 2s, maxMappedBytes: 1G}
                        """,
                        defaults);
        assertThat(requests.getFirst().terms()).isEqualTo(defaults);
        ServiceTerms terms = requests.getLast().terms();
        assertThat(terms.permissions().mode()).hasValue(0660);
        assertThat(terms.service().allowedPeers().uids()).containsExactlyInAnyOrder(7, 8, 9);
        assertThat(terms.service().secondClient()).isEqualTo(SecondClient.IS_REFUSED);
        assertThat(terms.service().padErrors()).isTrue();
        assertThat(terms.service().busMasterRequired()).isTrue();
        assertThat(terms.service().giveUp()).isEqualTo(GiveUp.ON_ERROR);
        Limits limits = terms.service().limits();
        assertThat(limits.of(Limit.MAX_DMA_REGIONS)).isEqualTo(16);
        assertThat(limits.of(Limit.MAX_MAPPED_BYTES)).isEqualTo(1L << 30);
        assertThat(limits.duration(Limit.NEGOTIATION_TIMEOUT)).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void namesTheLineOfATermThatDoesNotFit() {
        String device = "devices:\n  - type: a\n    socket: /a\n    ";
        assertThatThrownBy(() -> parse("f.yaml", device + "socket-mode: rw"))
                .hasMessage(
                        "f.yaml:4: devices[0].socket-mode: rw (expected: an octal mode from 000 to"
                                + " 777, as in 0660)");
        assertThatThrownBy(() -> parse("f.yaml", device + "limits: {maxDmaRegion: 1}"))
                .hasMessage(
                        "f.yaml:4: devices[0].limits.maxDmaRegion (expected: a limit;"
                                + " did you mean maxDmaRegions)");
        assertThatThrownBy(() -> parse("f.yaml", device + "limits: {colour: 1}"))
                .hasMessageStartingWith(
                        "f.yaml:4: devices[0].limits.colour (expected: a limit: one of ")
                .hasMessageContaining(", maxDmaRegions, ");
        assertThatThrownBy(() -> parse("f.yaml", device + "limits: {maxDmaRegions: 0}"))
                .hasMessage(
                        "f.yaml:4: devices[0].limits.maxDmaRegions: 0 (expected: 1 to 16777216)");
    }

    private static List<ServeRequest> parse(String fileName, String text) {
        return ConfigFile.parse(fileName, text, ServiceTerms.DEFAULT);
    }

    private static List<ServeRequest> read(Path file) {
        return ConfigFile.read(file, ServiceTerms.DEFAULT);
    }
}
