package io.vfiouser.it.readme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/// The tutorial's code compiles, its tests pass, and what it quotes is in the device.
class TutorialPageTest {
    private static final Path PAGE = Path.of("docs", "tutorial.md");
    private static final Pattern QUOTED = Pattern.compile("(?s)```excerpt\n(.*?)```");

    @TempDir private Path directory;

    @Test
    void eachStepCompiles() throws Exception {
        var compiler = new ReadmeCompiler(directory);
        List<String> blocks = JavaBlocks.of(PAGE);
        compiler.compile("ChecksumDevice", blocks.get(0));
        compiler.compile("Serve", blocks.get(1));
        assertThat(directory.resolve("Serve.class")).exists();
    }

    @Test
    void itsTestsPass() throws Exception {
        TutorialCode.compile(directory);
        var compiler = new ReadmeCompiler(directory);
        List<String> blocks = JavaBlocks.of(PAGE);
        assertThat(blocks).hasSize(5);
        compiler.compile("ChecksumTest", blocks.get(3));
        compiler.compile("LostInterruptTest", blocks.get(4));
        try (var loader = compiler.loader()) {
            var summary = run(loader, "ChecksumTest", "LostInterruptTest");
            var failures = new StringWriter();
            summary.getSummary().printFailuresTo(new PrintWriter(failures));
            assertThat(failures.toString()).isEmpty();
            assertThat(summary.getSummary().getTestsSucceededCount()).isEqualTo(3);
        }
    }

    @Test
    void whatItQuotesIsInTheDevice() throws Exception {
        String device = TutorialCode.device();
        List<String> quoted =
                QUOTED.matcher(text())
                        .results()
                        .map((MatchResult result) -> result.group(1))
                        .flatMap(String::lines)
                        .map(String::strip)
                        .toList();
        assertThat(quoted).hasSizeGreaterThan(5);
        List<String> lines = device.lines().map(String::strip).toList();
        assertThat(lines).containsAll(quoted);
    }

    @Test
    void itsPomNamesThisVersion() throws Exception {
        String pom = Files.readString(Path.of("..", "pom.xml"));
        var version = Pattern.compile("<vfio-user.version>(.*?)</").matcher(text());
        assertThat(version.find()).isTrue();
        assertThat(pom).contains("<version>" + version.group(1) + "</version>");
    }

    private static String text() throws IOException {
        return Files.readString(Path.of("..").resolve(PAGE));
    }

    private static SummaryGeneratingListener run(URLClassLoader loader, String... classes)
            throws ClassNotFoundException {
        var request = LauncherDiscoveryRequestBuilder.request();
        for (String name : classes) {
            request.selectors(selectClass(loader.loadClass(name)));
        }
        LauncherDiscoveryRequest built = request.build();
        var summary = new SummaryGeneratingListener();
        LauncherFactory.create().execute(built, summary);
        return summary;
    }
}
