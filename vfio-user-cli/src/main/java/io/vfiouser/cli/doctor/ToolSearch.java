package io.vfiouser.cli.doctor;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Finds programs and asks them.
///
/// @param path directories, as in the variable `PATH`
record ToolSearch(String path) {
    private static final long PATIENCE_SECONDS = 10;

    /// A program by its name.
    Optional<Path> find(String name) {
        for (String directory : path.split(File.pathSeparator, -1)) {
            Path program = Path.of(directory.isEmpty() ? "." : directory, name);
            if (Files.isExecutable(program) && !Files.isDirectory(program)) {
                return Optional.of(program);
            }
        }
        return Optional.empty();
    }

    /// What a program prints; empty if it cannot be run, or takes too long.
    static String output(Path program, String... arguments) {
        try {
            var command = new ArrayList<String>();
            command.add(program.toString());
            command.addAll(List.of(arguments));
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            var killer = process.onExit().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS);
            var _ =
                    killer.exceptionally(_ -> {
                        process.destroyForcibly();
                        return process;
                    });
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException _) {
            return "";
        }
    }
}
