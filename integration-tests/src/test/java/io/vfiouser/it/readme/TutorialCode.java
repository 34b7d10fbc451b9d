package io.vfiouser.it.readme;

import io.vfiouser.device.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/// The device of the tutorial, as it stands there.
public final class TutorialCode {
    private static final Path PAGE = Path.of("docs", "tutorial.md");
    private static final Pattern GUEST = Pattern.compile("(?s)```sh\n(.*?)```");

    private TutorialCode() {}

    /// The device's source.
    static String device() throws IOException {
        List<String> blocks = JavaBlocks.of(PAGE);
        return blocks.get(2);
    }

    /// Compiles the device.
    static ReadmeCompiler compile(Path directory) throws IOException {
        var compiler = new ReadmeCompiler(directory);
        compiler.compile("ChecksumDevice", device());
        return compiler;
    }

    /// The device itself.
    ///
    /// @param directory where its class goes; must stay as long as the device is used
    public static Device newDevice(Path directory) throws Exception {
        try (var loader = compile(directory).loader()) {
            return (Device)
                    loader.loadClass("ChecksumDevice").getDeclaredConstructor().newInstance();
        }
    }

    /// What the tutorial does in a guest.
    public static String guestScript() throws IOException {
        var script = GUEST.matcher(Files.readString(Path.of("..").resolve(PAGE)));
        if (!script.find()) {
            throw new AssertionError(PAGE + ": no block of sh (expected: one)");
        }
        return script.group(1);
    }
}
