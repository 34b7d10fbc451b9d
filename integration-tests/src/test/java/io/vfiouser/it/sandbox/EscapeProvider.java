package io.vfiouser.it.sandbox;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceProvider;
import io.vfiouser.devices.gpio.GpioDevice;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The type `escape`: while it is made it tries what a sandbox shall refuse, as code would that has
/// taken over the server, and writes down how each attempt ended.
public final class EscapeProvider implements DeviceProvider<EscapeSettings> {
    /// Where the attempts are written down, in the directory inside.
    static final String REPORT = "report";

    /// For `ServiceLoader`.
    public EscapeProvider() {}

    @Override
    public String name() {
        return "escape";
    }

    @Override
    public String description() {
        return "tries to get out";
    }

    @Override
    public EscapeSettings defaults() {
        return new EscapeSettings(Path.of(""), Path.of(""), 0, 0, 0);
    }

    @Override
    public Device create(EscapeSettings settings) {
        List<String> report = new ArrayList<>();
        Path inside = settings.inside();
        Path outside = settings.outside();
        attempt(report, "read outside", () -> Files.readString(outside));
        attempt(report, "write outside", () -> Files.writeString(outside, "changed"));
        attempt(report, "make outside", () -> Files.createFile(outside.resolveSibling("made")));
        attempt(report, "list outside", () -> list(outside.resolveSibling("")));
        attempt(report, "run /bin/true", () -> new ProcessBuilder("/bin/true").start().waitFor());
        attempt(report, "run inside", () -> runCopy(inside));
        attempt(report, "read another process", () -> readEnvironment(settings.victim()));
        attempt(report, "signal", () -> signal(settings.victim()));
        attempt(report, "connect outside", () -> connect(settings.refused()));
        attempt(report, "connect inside", () -> connect(settings.allowed()));
        attempt(report, "write inside", () -> Files.writeString(inside.resolve("new"), "new"));
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("NoNewPrivs") || line.startsWith("Seccomp:")) {
                    report.add(line.replaceAll("\\s+", " "));
                }
            }
            Files.write(inside.resolve(REPORT), report);
        } catch (IOException e) {
            throw new IllegalArgumentException("report: " + e, e);
        }
        return new GpioDevice();
    }

    private static void attempt(List<String> report, String what, Attempt attempt) {
        try {
            attempt.run();
            report.add(what + ": done");
        } catch (Exception e) {
            report.add(what + ": " + e.toString().lines().findFirst().orElse(""));
        }
    }

    private static void list(Path directory) throws IOException {
        try (var entries = Files.newDirectoryStream(directory)) {
            entries.forEach(_ -> {});
        }
    }

    private static void runCopy(Path inside) throws IOException, InterruptedException {
        Path copy = inside.resolve("program");
        Files.writeString(copy, "#!/bin/sh\nexit 0\n");
        copy.toFile().setExecutable(true);
        new ProcessBuilder(copy.toString()).start().waitFor();
    }

    private static void readEnvironment(long pid) throws IOException {
        Files.readAllBytes(Path.of("/proc/" + pid + "/environ"));
    }

    private static void signal(long pid) throws IOException {
        boolean sent = ProcessHandle.of(pid).map(ProcessHandle::destroyForcibly).orElse(false);
        if (!sent) {
            throw new IOException("not sent");
        }
    }

    private static void connect(int port) throws IOException {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
    }

    @FunctionalInterface
    private interface Attempt {
        void run() throws Exception;
    }
}
