package io.vfiouser.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A browser without a window: Debian's Chromium, or that at `-Dvfiouser.chromium=PATH`. Keeps what
/// pages complain of. For one thread.
public final class Chromium implements AutoCloseable {
    /// What a picture in the documentation may weigh.
    private static final long LARGEST_PICTURE = 300 << 10;

    private final Playwright playwright;
    private final Browser browser;
    private final List<String> complaints = new ArrayList<>();

    private Chromium(Playwright playwright, Browser browser) {
        this.playwright = playwright;
        this.browser = browser;
    }

    /// Starts the browser.
    ///
    /// @throws AssertionError if there is none
    public static Chromium start() {
        Path executable = executable();
        var playwright =
                Playwright.create(
                        new Playwright.CreateOptions()
                                .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        try {
            var options =
                    new BrowserType.LaunchOptions()
                            .setExecutablePath(executable)
                            // CI runs as root, for whom Chromium has no sandbox.
                            .setArgs(List.of("--no-sandbox", "--disable-gpu"));
            return new Chromium(playwright, playwright.chromium().launch(options));
        } catch (RuntimeException e) {
            playwright.close();
            throw e;
        }
    }

    private static Path executable() {
        Path path = Path.of(System.getProperty("vfiouser.chromium", "/usr/bin/chromium"));
        assertThat(path)
                .withFailMessage(
                        "%s: missing (expected: Debian's package chromium; apt-get install"
                                + " chromium)",
                        path)
                .isExecutable();
        return path;
    }

    /// Opens a page in a window of its own.
    public Page open(String address, ColorScheme colors, int width, int height) {
        Page page =
                browser.newPage(
                        new Browser.NewPageOptions()
                                .setViewportSize(width, height)
                                .setColorScheme(colors));
        page.onConsoleMessage(message -> {
            if (message.type().equals("error")) {
                complaints.add(message.text());
            }
        });
        page.onPageError(complaints::add);
        page.navigate(address);
        return page;
    }

    /// Errors that pages have shown on the browser's console, and those nobody caught.
    public List<String> complaints() {
        return List.copyOf(complaints);
    }

    /// A picture for the documentation, where one is asked for: `-Dvfiouser.screenshots=DIRECTORY`.
    ///
    /// @param settle how long the page gets to look as it should
    public static void picture(Page page, String name, Duration settle) throws IOException {
        String wanted = System.getProperty("vfiouser.screenshots", "");
        if (wanted.isEmpty()) {
            return;
        }
        page.waitForTimeout((double) settle.toMillis());
        Path file = Path.of(wanted, name);
        page.screenshot(new Page.ScreenshotOptions().setPath(file));
        assertThat(Files.size(file)).isLessThan(LARGEST_PICTURE);
    }

    @Override
    public void close() {
        try (playwright) {
            browser.close();
        }
    }
}
