package io.vfiouser.it.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// What a command printed and how it ended.
///
/// @param status its exit status
/// @param output the lines of its standard output
/// @param errors the lines of its standard error
record CommandRun(int status, List<String> output, List<String> errors) {
    /// The command of this checkout.
    static final Path LAUNCHER = Path.of("..", "vfio-user").toAbsolutePath().normalize();

    private static final Duration PATIENCE = Duration.ofSeconds(50);

    /// Runs `vfio-user` of this checkout to its end.
    static CommandRun vfioUser(String... arguments) throws IOException, InterruptedException {
        return of(LAUNCHER, Path.of("."), Map.of(), arguments);
    }

    /// Runs a command to its end.
    ///
    /// @param directory where it is started
    /// @param environment replaces variables of ours
    static CommandRun of(
            Path command, Path directory, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        var process = start(command, directory, environment, arguments);
        return process.await();
    }

    /// Starts a command.
    static Running start(
            Path command, Path directory, Map<String, String> environment, String... arguments)
            throws IOException {
        Path errors = Files.createTempFile("vfio-user-err", ".txt");
        // A shell that has these tests run in its background ignores SIGINT for all its children.
        List<String> words =
                new ArrayList<>(List.of("env", "--default-signal=INT", command.toString()));
        words.addAll(List.of(arguments));
        var builder =
                new ProcessBuilder(words)
                        .directory(directory.toFile())
                        .redirectInput(Path.of("/dev/null").toFile())
                        .redirectError(errors.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        return new Running(process, process.inputReader(), new ArrayList<>(), errors);
    }

    /// A command that runs.
    ///
    /// @param process the process
    /// @param output its standard output, which must fit into a pipe
    /// @param lines what has been read of it
    /// @param errorFile takes its standard error
    record Running(Process process, BufferedReader output, List<String> lines, Path errorFile) {
        /// Waits for the next line of its standard output.
        String line() throws IOException {
            String line = output.readLine();
            if (line == null) {
                throw new AssertionError(
                        "output: ended after %s (expected: a line), errors %s"
                                .formatted(lines, Files.readAllLines(errorFile)));
            }
            lines.add(line);
            return line;
        }

        /// Waits for its end; one that takes too long is killed.
        CommandRun await() throws IOException, InterruptedException {
            try (output) {
                if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new AssertionError(
                            "%s: running after %s (expected: ended), errors %s"
                                    .formatted(
                                            process.info(),
                                            PATIENCE,
                                            Files.readAllLines(errorFile)));
                }
                output.lines().forEach(lines::add);
                return new CommandRun(
                        process.exitValue(), List.copyOf(lines), Files.readAllLines(errorFile));
            } finally {
                process.destroyForcibly();
                Files.deleteIfExists(errorFile);
            }
        }
    }
}
