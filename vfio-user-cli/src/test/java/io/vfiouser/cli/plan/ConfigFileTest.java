package io.vfiouser.cli.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.cli.failure.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class ConfigFileTest {
    @Test
    void readsDevices() {
        var requests =
                ConfigFile.parse(
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

    static Stream<Arguments> refused() {
        return Stream.of(
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
                        "f.yaml:2: devices[0]: gpio (expected: type, socket, count, set)"),
                Arguments.of(
                        "devices:\n- type: gpio\n",
                        "f.yaml:2: devices[0].socket: missing (expected: a path)"),
                Arguments.of(
                        "devices:\n- type: gpio\n  sockt: /a\n",
                        "f.yaml:3: devices[0].sockt: unknown key (expected: type, socket, count,"
                                + " set; did you mean socket)"),
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
        assertThatThrownBy(() -> ConfigFile.parse("f.yaml", text))
                .isInstanceOf(UsageException.class)
                .hasMessage(message);
    }

    @Test
    void namesTheLineOfWhatIsNotYaml() {
        assertThatThrownBy(() -> ConfigFile.parse("f.yaml", "devices:\n  - {type: gpio\n"))
                .isInstanceOf(UsageException.class)
                .hasMessageMatching("(?s)f\\.yaml:\\d+: not YAML: .+")
                .hasMessageNotContaining("\n");
        assertThatThrownBy(() -> ConfigFile.parse("f.yaml", "devices:\n- type: a\n  type: b\n"))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("f.yaml:3: ")
                .hasMessageContaining("type");
    }

    @Test
    void refusesNestingWithoutEnd() {
        String deep = "devices: " + "[".repeat(200) + "]".repeat(200);
        assertThatThrownBy(() -> ConfigFile.parse("f.yaml", deep))
                .hasMessage("f.yaml:1: nested deeper than 16 (expected: less)");
    }

    @Test
    void namesFilesThatCannotBeRead(@TempDir Path dir) throws IOException {
        assertThatThrownBy(() -> ConfigFile.read(dir.resolve("absent.yaml")))
                .isInstanceOf(UsageException.class)
                .hasMessage("--config: %s/absent.yaml: no such file (expected: a YAML file)", dir);
        assertThatThrownBy(() -> ConfigFile.read(dir))
                .hasMessage("--config: %s (expected: a YAML file of at most 1 MiB)", dir);
        Path binary = Files.write(dir.resolve("b.yaml"), new byte[] {(byte) 0xff, 0});
        assertThatThrownBy(() -> ConfigFile.read(binary))
                .hasMessage("--config: %s: not UTF-8 (expected: a YAML file)", binary);
    }
}
