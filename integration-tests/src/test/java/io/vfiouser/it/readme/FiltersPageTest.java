package io.vfiouser.it.readme;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.cli.types.FilterKind;
import io.vfiouser.cli.types.FilterKinds;
import io.vfiouser.cli.types.SettingSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The page about filters names all there are, and its code compiles.
class FiltersPageTest {
    private static final Path PAGE = Path.of("docs", "filters.md");

    @TempDir private Path directory;

    @Test
    void itsCodeCompiles() throws Exception {
        List<String> blocks = JavaBlocks.of(PAGE);
        assertThat(blocks).hasSize(2);
        var compiler = new ReadmeCompiler(directory);
        compiler.compile("FilterExample", blocks.get(0));
        compiler.compile("LowMemoryFilter", blocks.get(1));
        assertThat(directory.resolve("LowMemoryFilter.class")).exists();
    }

    @Test
    void itsTableHasEveryFilterAndSetting() throws Exception {
        List<String> rows = Files.readAllLines(Path.of("..").resolve(PAGE));
        for (FilterKind<?> filter : FilterKinds.installed().all()) {
            var row =
                    assertThat(rows)
                            .filteredOn(line -> line.startsWith("| `" + filter.name() + "` |"))
                            .singleElement()
                            .asString();
            for (SettingSpec setting : filter.settings()) {
                row.contains("`" + setting.key() + "`");
            }
        }
    }
}
