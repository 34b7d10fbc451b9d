package io.vfiouser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.devices.nvme.NvmeDevice;
import io.vfiouser.server.ServedDevice;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.trace.capture.Capture;
import io.vfiouser.trace.capture.CaptureSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/// Runs the examples of every command's help, with paths in a directory of the test and shorter
/// times.
class HelpExamplesTest {
    private static final Pattern FILE =
            Pattern.compile("(?<=[ =])([\\w.-]+\\.(pcapng|yaml|img|sock|token))");
    private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)");

    @TempDir private Path directory = Path.of("");

    private final List<Thread> running = new ArrayList<>();
    private final VfioUserServer server = VfioUserServer.start(ServerOptions.defaults());

    @BeforeEach
    void serve() throws Exception {
        ServedDevice gpio = server.serve("gpio0", new GpioDevice(), directory.resolve("gpio.sock"));
        server.serve(
                "nvme0",
                NvmeDevice.builder(MemoryBackend.create(4 << 20)).build(),
                directory.resolve("nvme.sock"));
        try (var capture = Capture.to(directory.resolve("gpio.pcapng"), CaptureSettings.DEFAULTS);
                var _ = capture.on(gpio)) {
            for (int i = 0; i < 2; i++) {
                try (var client = VfioUserClient.connect(directory.resolve("gpio.sock"))) {
                    client.write(2, 0, 1, 0x5a);
                    client.read(2, 1, 1);
                }
            }
        }
        Files.writeString(
                directory.resolve("fleet.yaml"),
                "devices:\n  - type: gpio\n    socket: %s/fleet.sock\n".formatted(directory));
        Files.write(directory.resolve("disk.img"), new byte[1 << 20]);
        Files.copy(directory.resolve("gpio.pcapng"), directory.resolve("nvme.pcapng"));
    }

    @AfterEach
    void stop() throws InterruptedException {
        end();
        server.close();
    }

    private void end() throws InterruptedException {
        for (Thread thread : running) {
            thread.interrupt();
            thread.join();
        }
        running.clear();
    }

    static Stream<List<String>> commands() {
        return commands(commandLine(new StringWriter(), new StringWriter()), List.of())
                .filter(names -> !names.isEmpty());
    }

    private static Stream<List<String>> commands(CommandLine line, List<String> names) {
        return Stream.concat(
                Stream.of(names),
                line.getSubcommands().entrySet().stream()
                        .flatMap(entry -> {
                            var longer = new ArrayList<>(names);
                            longer.add(entry.getKey());
                            return commands(entry.getValue(), longer);
                        }));
    }

    private static CommandLine commandLine(StringWriter out, StringWriter err) {
        return VfioUserCommand.commandLine(new PrintWriter(out, true), new PrintWriter(err, true));
    }

    private static List<String> examples(List<String> names) {
        CommandLine line = commandLine(new StringWriter(), new StringWriter());
        for (String name : names) {
            line = Objects.requireNonNull(line.getSubcommands().get(name), name);
        }
        return Arrays.stream(line.getCommandSpec().usageMessage().footer())
                .filter(text -> text.startsWith("  ") && text.contains("vfio-user "))
                .map(text -> text.strip().replace("%%", "%"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void examplesOfTheHelpWork(List<String> names) throws Exception {
        List<String> examples = examples(names);
        assertThat(examples).as("every command has an example").isNotEmpty();
        for (String example : examples) {
            run(here(example));
            if (!names.contains("ctl")) {
                end(); // what was served; ctl controls it
            }
        }
    }

    @Test
    void theyAreThere() {
        assertThat(commands()).hasSizeGreaterThan(15);
    }

    /// The example as it can be run here.
    private String here(String example) throws IOException {
        String text = example.substring(example.indexOf("vfio-user ") + "vfio-user ".length());
        text = text.split(" > |\\)\"", 2)[0]; // what a shell would do with the output
        // A sandbox would become this process; SandboxProcessTest has one of its own for it.
        text = text.split(" --sandbox", 2)[0];
        text =
                text.replace("/run/vm1/", directory + "/")
                        .replace("/srv/vm1/", directory + "/")
                        .replace("unix:/run/", "unix:" + directory + "/")
                        .replace("/run/vm1", directory.toString())
                        .replace("/run/", directory + "/")
                        .replace("/var/tmp/spdk/cntrl", directory + "/gpio.sock")
                        .replace("--for 10m", "--for 300ms")
                        .replace("--seconds 10", "--seconds 1 --warmup 0s")
                        .replace("kvm", group());
        text = FILE.matcher(text).replaceAll(match -> path(match.group(1)));
        // The devices that other examples talk to are there already.
        return text.startsWith("serve ")
                ? text.replace("--socket " + directory + "/", "--socket " + directory + "/served-")
                : text;
    }

    private String path(String name) {
        return Matcher.quoteReplacement(directory.resolve(name).toString());
    }

    private String group() throws IOException {
        return Files.getAttribute(directory, "unix:group").toString();
    }

    private void run(String text) throws Exception {
        String[] words =
                WORD.matcher(text)
                        .results()
                        .map(match ->
                                Stream.of(match.group(1), match.group(2), match.group(3))
                                        .filter(word -> word != null)
                                        .findFirst()
                                        .orElseThrow())
                        .toArray(String[]::new);
        var err = new StringWriter();
        var ready = new CountDownLatch(1);
        var out =
                new StringWriter() {
                    @Override
                    public void write(String line, int offset, int length) {
                        super.write(line, offset, length);
                        if (line.startsWith("ready ", offset)) {
                            ready.countDown();
                        }
                    }
                };
        var status = new int[] {-1};
        Thread thread =
                Thread.ofPlatform()
                        .unstarted(() -> {
                            status[0] = commandLine(out, err).execute(words);
                            ready.countDown();
                        });
        running.add(thread);
        thread.start();
        ready.await();
        if (!out.toString().contains("ready ")) {
            thread.join();
            assertThat(status[0]).as("%s%n%s%s", text, out, err).isZero();
        }
    }
}
