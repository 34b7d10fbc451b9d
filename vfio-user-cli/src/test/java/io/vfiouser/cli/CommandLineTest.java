package io.vfiouser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.cli.types.DeviceType;
import io.vfiouser.cli.types.DeviceTypes;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What the user sees, without a process.
final class CommandLineTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return VfioUserCommand.commandLine(new PrintWriter(out, true), new PrintWriter(err, true))
                .execute(args);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | command: missing (expected: {commands}); see vfio-user --help",
                "serv | serv: unknown command (expected: {commands}; did you mean serve); see"
                        + " vfio-user --help",
                "conformance | PATH: missing (expected: the server's socket); see vfio-user"
                        + " conformance --help",
                "conformance a --timeout soon | --timeout: soon (expected: a time, for example"
                        + " 500ms or 30s)",
                "conformance a --seed x | --seed: x (expected: a number, for example 7 or"
                        + " 0x5eed)",
                "ctl unix:x nonsense | call: nonsense (expected: one that vfio-user ctl --help"
                        + " lists)",
                "ctl unix:x devices a | devices: 1 arguments (expected: as in vfio-user ctl"
                        + " --help)",
                "ctl unix:x reset | reset: 0 arguments (expected: as in vfio-user ctl --help)",
                "ctl unix:x move gpio0 | move: 1 arguments (expected: as in vfio-user ctl --help)",
                "ctl unix:x move gpio0 x | loop: x (expected: a number)",
                "ctl unix:x irq gpio0 INTX x | vector: x (expected: a number)",
                "ctl unix:x fail gpio0 EIO many | count: many (expected: a number)",
                "ctl unix:x filter gpio0 add | filter: 2 arguments (expected: as in vfio-user ctl"
                        + " --help)",
                "ctl unix:x filter gpio0 maybe delay | filter: maybe (expected: add, on, off or"
                        + " remove)",
                "serve | TYPE: missing (expected: a device type, or --config=FILE)",
                "serve gpio | --socket: missing (expected: --socket=PATH)",
                "serve gpio --socket | --socket: missing (expected: --socket=PATH); see vfio-user"
                        + " serve --help",
                "serve gpio --socket a --socket b | --socket: given twice (expected: once); see"
                        + " vfio-user serve --help",
                "serve gpio spare --socket a | spare: one argument too many; see vfio-user serve"
                        + " --help",
                "serve gpio --socket a --once=3 | --once: 3 (expected: no value); see vfio-user"
                        + " serve --help",
                "serve gpoi --socket a | gpoi: unknown device type (expected: {types}; did you mean"
                        + " gpio)",
                "serve gpio --socket a --set x=1 | gpio: x: unknown setting (expected: none, gpio"
                        + " has no settings)",
                "serve gpio --socket a --set x | --set: x (expected: KEY=VALUE)",
                "serve gpio --socket a --set =1 | --set: =1 (expected: KEY=VALUE)",
                "serve gpio --socket a --set x=1 --set x=2 | --set: x: given twice (expected:"
                        + " once)",
                "serve gpio --socket a --count 0 | --count: 0 (expected: a number, 1 to 65536)",
                "serve gpio --socket a --count 2 | socket: a, count: 2 (expected: %d in the path,"
                        + " which becomes 0 to 1)",
                "serve gpio --socket a --event-loops many | --event-loops: many (expected: a"
                        + " number, 1 to 1024)",
                "serve gpio --socket a --busy-poll=2s | --busy-poll: 2s (expected: a time up to 1s,"
                        + " as in 50us, always or never)",
                "serve gpio --socket a --busy-poll=soon | --busy-poll: soon (expected: a time up to"
                        + " 1s, as in 50us, always or never)",
                "serve --busy-poll gpoi --socket a | gpoi: unknown device type (expected: {types};"
                        + " did you mean gpio)",
                "serve --config a.yaml --count 4 | --count: 4 beside --config (expected: it to be"
                        + " in the config file)",
                "serve --config absent.yaml | --config: absent.yaml: no such file (expected: a YAML"
                        + " file)",
                "qemu-args | PATH: missing (expected: sockets of served devices); see vfio-user"
                        + " qemu-args --help",
                "qemu-args a --memory 12 | --memory: 12 (expected: a size of at least 1M, for"
                        + " example 2G)"
            })
    void refusesInOneLineWithStatus2(String commandLine, String message) {
        assertThat(run(commandLine.isEmpty() ? new String[0] : commandLine.split(" ")))
                .isEqualTo(2);
        String expected =
                message.replace("{commands}", String.join(", ", commands().toList()))
                        .replace("{types}", String.join(", ", types()));
        assertThat(err.toString()).isEqualTo("vfio-user: " + expected + System.lineSeparator());
        assertThat(out.toString()).isEmpty();
    }

    private static Stream<String> commands() {
        var none = new PrintWriter(Writer.nullWriter());
        return VfioUserCommand.commandLine(none, none).getSubcommands().keySet().stream();
    }

    private static List<String> types() {
        return DeviceTypes.installed().all().stream().map(DeviceType::name).toList();
    }

    @Test
    void refusesAnUnknownOptionWithTheOneThatWasMeant() {
        assertThat(run("serve", "gpio", "--sokcet=/a")).isEqualTo(2);
        assertThat(err.toString())
                .startsWith("vfio-user: --sokcet: unknown option (expected: --allow-gid, ")
                .contains("did you mean --socket)")
                .hasLineCount(1);
    }

    @Test
    void showsWhereAnErrorAroseOnRequest() {
        assertThat(run("-v", "serve", "gpoi", "--socket", "a")).isEqualTo(2);
        assertThat(err.toString())
                .startsWith("vfio-user: gpoi: unknown device type ")
                .contains("UsageException")
                .contains("\tat io.vfiouser.cli");
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandExplainsItselfWithAnExample(String command) {
        assertThat(run(command, "--help")).isZero();
        assertThat(out.toString())
                .contains("Usage: vfio-user " + command)
                .contains("Example")
                .contains("\n  vfio-user " + command);
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void explainsItself() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).contains("Commands:").contains("Exit status:");
    }

    @Test
    void tellsVersions() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString())
                .matches("(?s)vfio-user \\d+\\.\\d+\\.\\d+\\S*\\R.*")
                .contains("Java " + System.getProperty("java.version"));
    }

    @Test
    void listsDeviceTypes() {
        assertThat(run("devices")).isZero();
        assertThat(out.toString().lines())
                .contains("edu", "gpio", "testdev", "timer", "    no settings");
    }

    @Test
    void printsQemuArgumentsWithAbsolutePaths() {
        assertThat(run("qemu-args", "--memory", "2G", "a.sock", "/run/b.sock")).isZero();
        assertThat(out.toString())
                .contains("size=2G,share=on")
                .contains("\"path\":\"" + System.getProperty("user.dir") + "/a.sock\"")
                .contains("\"path\":\"/run/b.sock\"");
        assertThat(err.toString().lines())
                .containsExactly(
                        "vfio-user: %s/a.sock: no such file (expected: a server before QEMU starts)"
                                .formatted(System.getProperty("user.dir")),
                        "vfio-user: /run/b.sock: no such file (expected: a server before QEMU"
                                + " starts)");
    }
}
