package io.vfiouser.it.moving;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The Java sources of all modules, by the simple name of their type.
final class Sources {
    private final Map<String, String> texts;

    private Sources(Map<String, String> texts) {
        this.texts = texts;
    }

    /// @param project the project's directory
    /// @param tree `main` or `test`
    static Sources of(Path project, String tree) throws IOException {
        var texts = new HashMap<String, String>();
        for (Path root : roots(project, tree)) {
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .forEach(file -> texts.merge(simpleName(file), text(file), String::concat));
            }
        }
        return new Sources(texts);
    }

    private static List<Path> roots(Path project, String tree) throws IOException {
        try (Stream<Path> modules = Files.list(project)) {
            return modules.map(module -> module.resolve("src").resolve(tree).resolve("java"))
                    .filter(Files::isDirectory)
                    .toList();
        }
    }

    private static String simpleName(Path file) {
        return file.getFileName().toString().replace(".java", "");
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Whether `Type`, `Type.member` or `Outer.Nested.member` is declared.
    boolean declares(String reference) {
        String[] parts = reference.replaceAll("\\(.*", "").split("\\.", -1);
        String text = texts.get(parts[0]);
        if (text == null) {
            return false;
        }
        return Stream.of(parts).skip(1).allMatch(part -> hasWord(text, part));
    }

    /// Whether a test class has that method, be it one that makes tests.
    boolean hasTest(String reference) {
        String[] parts = reference.split("\\.", -1);
        String text = texts.get(parts[0]);
        return parts.length == 2
                && text != null
                && Pattern.compile(
                                "\\b(void|Stream<DynamicTest>) " + Pattern.quote(parts[1]) + "\\(")
                        .matcher(text)
                        .find();
    }

    private static boolean hasWord(String text, String word) {
        return Pattern.compile("\\b" + Pattern.quote(word) + "\\b").matcher(text).find();
    }
}
