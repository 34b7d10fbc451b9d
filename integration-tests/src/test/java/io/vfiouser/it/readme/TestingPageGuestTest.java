package io.vfiouser.it.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The test with a guest on the page about testing passes.
@Tag("guest")
class TestingPageGuestTest {
    @Test
    void itsGuestBindsTheDriver(@TempDir Path directory) throws Exception {
        var compiler = new ReadmeCompiler(directory);
        compiler.compile("GpioInGuestTest", JavaBlocks.of(Path.of("docs", "testing.md")).getLast());
        try (var loader = compiler.loader()) {
            assertThat(TutorialCode.run(loader, "GpioInGuestTest")).isEqualTo(1);
        }
    }
}
