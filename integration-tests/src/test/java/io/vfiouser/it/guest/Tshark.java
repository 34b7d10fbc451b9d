package io.vfiouser.it.guest;

import io.vfiouser.trace.Dissector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The rig's tshark with our dissector, on one capture.
final class Tshark {
    private static final long SECONDS = 50;

    private final Path capture;
    private final Path script;

    private Tshark(Path capture, Path script) {
        this.capture = capture;
        this.script = script;
    }

    /// Puts the dissector beside the capture.
    static Tshark on(Path capture) throws IOException {
        Path script = capture.resolveSibling("vfio-user.lua");
        Files.writeString(script, Dissector.lua());
        return new Tshark(capture, script);
    }

    /// The text that Wireshark shows in its list, one for each packet.
    List<String> info() throws IOException, InterruptedException {
        return run("-T", "fields", "-e", "_ws.col.info");
    }

    /// One field of each packet, empty where it has none.
    List<String> field(String name) throws IOException, InterruptedException {
        return run("-T", "fields", "-e", name);
    }

    /// The packets that a display filter leaves.
    List<String> filter(String filter) throws IOException, InterruptedException {
        return run("-Y", filter);
    }

    private List<String> run(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(ProjectPaths.RIG.script("tshark.sh").toString());
        command.addAll(List.of("-X", "lua_script:" + script, "-r", capture.toString()));
        command.addAll(List.of(arguments));
        Path out = capture.resolveSibling("tshark.out");
        Path err = capture.resolveSibling("tshark.err");
        Process process =
                new ProcessBuilder(command)
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("tshark: running after " + SECONDS + " s");
        }
        String errors = Files.readString(err);
        if (process.exitValue() != 0 || errors.contains("Lua")) {
            throw new AssertionError("tshark: " + process.exitValue() + "\n" + errors);
        }
        return Files.readAllLines(out);
    }
}
