package io.vfiouser.it.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Every test that `docs/security.md` names is there, and every row of its table names one.
class SecurityPageTest {
    private static final Path PROJECT = Path.of("..");
    private static final Pattern NAMED =
            Pattern.compile("`((?:[a-z]+\\.)*)([A-Z]\\w*(?:Test|Checks|Fuzz))`");
    private static final int ROWS = 30;

    private final List<String> lines;
    private final List<String> sources;

    SecurityPageTest() throws IOException {
        lines = Files.readAllLines(PROJECT.resolve("docs").resolve("security.md"));
        sources = sources();
    }

    @Test
    void namesTestsThatExist() {
        assertThat(lines.stream().flatMap(SecurityPageTest::named))
                .hasSizeGreaterThan(ROWS)
                .allSatisfy(path ->
                        assertThat(sources)
                                .as(path)
                                .anyMatch(source -> source.endsWith("/" + path)));
    }

    @Test
    void namesATestInEachRow() {
        List<String> rows =
                lines.stream()
                        .dropWhile(line -> !line.startsWith("| what the client does"))
                        .skip(2)
                        .takeWhile(line -> line.startsWith("|"))
                        .toList();
        assertThat(rows).hasSizeGreaterThan(ROWS).allMatch(row -> named(row).findAny().isPresent());
    }

    private static Stream<String> named(String line) {
        return NAMED.matcher(line).results().map(SecurityPageTest::path);
    }

    private static String path(MatchResult found) {
        return found.group(1).replaceFirst("^it\\.", "").replace('.', '/')
                + found.group(2)
                + ".java";
    }

    private static List<String> sources() throws IOException {
        try (Stream<Path> modules = Files.list(PROJECT)) {
            return modules.map(module -> module.resolve("src"))
                    .filter(Files::isDirectory)
                    .flatMap(SecurityPageTest::files)
                    .toList();
        }
    }

    private static Stream<String> files(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.map(Path::toString).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
