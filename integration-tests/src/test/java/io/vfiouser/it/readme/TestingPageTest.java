package io.vfiouser.it.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The tests on the page about testing compile.
class TestingPageTest {
    @TempDir private Path directory;

    @Test
    void itsCodeCompiles() throws Exception {
        List<String> blocks = JavaBlocks.of(Path.of("docs", "testing.md"));
        assertThat(blocks).hasSize(4);
        var compiler = new ReadmeCompiler(directory);
        compiler.compile("GpioTest", blocks.get(0));
        compiler.compile("GpioDriverTest", blocks.get(1));
        compiler.compile("GpioUnitTest", blocks.get(2));
        compiler.compile("GpioInGuestTest", blocks.get(3));
        assertThat(directory.resolve("GpioTest.class")).exists();
        assertThat(directory.resolve("GpioDriverTest.class")).exists();
        assertThat(directory.resolve("GpioUnitTest.class")).exists();
        assertThat(directory.resolve("GpioInGuestTest.class")).exists();
    }
}
