package io.vfiouser.it.readme;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The pieces of Java on the pages compile in a frame for each page, `snippets/PAGE.java.txt`, that
/// has what they take for granted; where the frame can be run, they are. Pages with whole classes
/// have tests of their own.
@ExtendWith(NoDescriptorLeaks.class)
class SnippetsTest {
    private static final Path DOCS = Path.of("..", "docs");
    private static final Path FRAMES = Path.of("src", "test", "resources", "snippets");
    private static final String SUFFIX = ".java.txt";

    /// What those pages leave out in words.
    private static final Map<String, String> LEFT_OUT =
            Map.of(
                    "migration",
                    """
                    private void apply(byte[] loaded) {
                        System.arraycopy(loaded, 0, state, 0, state.length);
                    }

                    @Override
                    public DeviceLayout layout() {
                        return DeviceLayout.pci(0x1234, 0x5678).build();
                    }
                    """);

    /// Pages whose Java other tests compile as it stands.
    private static final Set<String> WHOLE =
            Set.of(
                    "filters",
                    "from-libvfio-user",
                    "nvme-performance",
                    "testing",
                    "trace",
                    "tutorial");

    static Stream<String> framedPages() throws IOException {
        return names(FRAMES, SUFFIX).stream();
    }

    @ParameterizedTest
    @MethodSource("framedPages")
    void compilesAndRuns(String page, @TempDir Path directory) throws Exception {
        List<String> blocks = JavaBlocks.of(Path.of("docs", page + ".md"));
        String source = Files.readString(FRAMES.resolve(page + SUFFIX));
        for (int i = 0; i < blocks.size(); i++) {
            String place = "// block " + (i + 1);
            assertThat(source).as("frame of %s", page).contains(place);
            String block = blocks.get(i).replace("// ...", LEFT_OUT.getOrDefault(page, "// ..."));
            source = source.replace(place, block);
        }
        assertThat(source).as("blocks of %s", page).doesNotContain("// block ");
        var compiler = new ReadmeCompiler(directory);
        compiler.compile("Snippets", source);
        try (var loader = compiler.loader()) {
            Class<?> snippets = loader.loadClass("Snippets");
            if (Runnable.class.isAssignableFrom(snippets)) {
                Constructor<?> constructor = snippets.getDeclaredConstructor();
                constructor.setAccessible(true);
                ((Runnable) constructor.newInstance()).run();
            }
        }
    }

    @Test
    void eachPageWithJavaIsCompiled() throws Exception {
        var compiled = new TreeSet<>(WHOLE);
        compiled.addAll(names(FRAMES, SUFFIX));
        var pages = new TreeSet<String>();
        for (String page : names(DOCS, ".md")) {
            if (!JavaBlocks.of(Path.of("docs", page + ".md")).isEmpty()) {
                pages.add(page);
            }
        }
        assertThat(pages).isEqualTo(compiled);
    }

    /// Of the files below a directory, without their ends, such as `devices/gpio`.
    private static Set<String> names(Path directory, String end) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            Set<String> names = new TreeSet<>();
            files.map(file -> directory.relativize(file).toString())
                    .filter(name -> name.endsWith(end))
                    .map(name -> name.substring(0, name.length() - end.length()))
                    .forEach(names::add);
            return names;
        }
    }
}
