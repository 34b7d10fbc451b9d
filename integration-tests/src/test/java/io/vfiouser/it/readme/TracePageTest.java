package io.vfiouser.it.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The code of the page about traces compiles.
class TracePageTest {
    private static final Path PAGE = Path.of("docs", "trace.md");

    @TempDir private Path directory = Path.of("");

    @Test
    void itsCodeCompiles() throws Exception {
        List<String> blocks = JavaBlocks.of(PAGE);
        assertThat(blocks).hasSize(1);
        new ReadmeCompiler(directory).compile("TraceExample", blocks.getFirst());
        assertThat(directory.resolve("TraceExample.class")).exists();
    }
}
