package io.vfiouser.it.readme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/// The code of the tutorial, as it stands there.
public final class TutorialCode {
    private static final Path PAGE = Path.of("docs", "tutorial.md");

    private TutorialCode() {}

    /// The device's source.
    static String device() throws IOException {
        List<String> blocks = JavaBlocks.of(PAGE);
        return blocks.get(2);
    }

    /// Compiles the device.
    static ReadmeCompiler compile(Path directory) throws IOException {
        var compiler = new ReadmeCompiler(directory);
        compiler.compile("ChecksumDevice", device());
        return compiler;
    }

    /// Compiles the test that boots a guest.
    static ReadmeCompiler compileGuestTest(Path directory) throws IOException {
        ReadmeCompiler compiler = compile(directory);
        compiler.compile("ChecksumGuestTest", JavaBlocks.of(PAGE).get(5));
        return compiler;
    }

    /// Runs the test that boots a guest.
    ///
    /// @return how many tests passed
    /// @throws AssertionError if one did not
    public static long runGuestTest(Path directory) throws Exception {
        try (var loader = compileGuestTest(directory).loader()) {
            return run(loader, "ChecksumGuestTest");
        }
    }

    /// Runs tests of the tutorial.
    static long run(URLClassLoader loader, String... classes) throws ClassNotFoundException {
        var request = LauncherDiscoveryRequestBuilder.request();
        for (String name : classes) {
            request.selectors(selectClass(loader.loadClass(name)));
        }
        var summary = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request.build(), summary);
        var failures = new StringWriter();
        summary.getSummary().printFailuresTo(new PrintWriter(failures));
        assertThat(failures.toString()).isEmpty();
        return summary.getSummary().getTestsSucceededCount();
    }
}
