package io.vfiouser.it.support;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The command line of another JVM with the classes of this one, started for a short life.
public final class JavaCommand {
    private JavaCommand() {}

    /// Runs a class of ours.
    ///
    /// @param words its name, and its arguments
    public static List<String> of(String... words) {
        return with(List.of(), System.getProperty("java.class.path"), words);
    }

    /// As [#of], with native libraries and more classes from a directory.
    public static List<String> withDirectory(Path directory, String... words) {
        return with(
                List.of("-Djava.library.path=" + directory),
                System.getProperty("java.class.path") + File.pathSeparator + directory,
                words);
    }

    private static List<String> with(List<String> options, String classPath, String... words) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:+UseSerialGC");
        command.add("-XX:TieredStopAtLevel=1");
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("--sun-misc-unsafe-memory-access=allow");
        command.addAll(options);
        command.add("-cp");
        command.add(classPath);
        command.addAll(List.of(words));
        return command;
    }
}
