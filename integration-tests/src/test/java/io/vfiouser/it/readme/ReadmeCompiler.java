package io.vfiouser.it.readme;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/// Compiles sources of the README as they stand.
final class ReadmeCompiler {
    private final Path directory;

    /// @param directory where sources and classes go
    ReadmeCompiler(Path directory) {
        this.directory = directory;
    }

    /// Compiles a class.
    ///
    /// @throws AssertionError with what the compiler says
    void compile(String className, String source) throws IOException {
        Path file = directory.resolve(className + ".java");
        Files.writeString(file, source);
        JavaCompiler compiler =
                Objects.requireNonNull(ToolProvider.getSystemJavaCompiler(), "compiler");
        var output = new StringWriter();
        List<String> options =
                List.of(
                        "-d",
                        directory.toString(),
                        "-cp",
                        directory + ":" + System.getProperty("java.class.path"));
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            boolean compiled =
                    compiler.getTask(
                                    output,
                                    files,
                                    null,
                                    options,
                                    null,
                                    files.getJavaFileObjects(file))
                            .call();
            if (!compiled) {
                throw new AssertionError(output.toString());
            }
        }
    }

    /// A loader of what was compiled.
    URLClassLoader loader() throws IOException {
        return new URLClassLoader(
                new URL[] {directory.toUri().toURL()}, getClass().getClassLoader());
    }
}
