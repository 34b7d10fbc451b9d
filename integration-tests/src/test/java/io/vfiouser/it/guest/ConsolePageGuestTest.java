package io.vfiouser.it.guest;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.BoundingBox;
import com.microsoft.playwright.options.ColorScheme;
import io.vfiouser.client.RemoteIrq;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.examples.console.ConsoleServer;
import io.vfiouser.it.support.Chromium;
import io.vfiouser.testkit.guest.GuestResult;
import io.vfiouser.testkit.guest.GuestVm;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The page of `examples/serial-console` in a real browser: with a Linux guest at the other end,
/// and with this test in the guest's place.
@Tag("guest")
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ConsolePageGuestTest {
    private static final double BOOT_MILLIS = 120_000;

    private final Path socket;

    ConsolePageGuestTest(@TempDir Path directory) {
        this.socket = directory.resolve("console.sock");
    }

    private ConsoleServer serve(int port) {
        return ConsoleServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), socket);
    }

    private static Page open(Chromium browser, ConsoleServer console) {
        String address = "http://127.0.0.1:" + console.address().getPort() + "/";
        Page page = browser.open(address, ColorScheme.LIGHT, 1000, 440);
        assertThat(page.locator("#connection")).hasText("connected");
        return page;
    }

    private static Locator screen(Page page) {
        return page.locator(".xterm-rows");
    }

    private static void type(Page page, String line) {
        page.keyboard().type(line);
        page.keyboard().press("Enter");
    }

    @Test
    void aGuestIsLoggedInToFromThePage() throws Exception {
        try (var console = serve(0);
                var browser = Chromium.start();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Page page = open(browser, console);
            var guest =
                    threads.submit(() ->
                            GuestVm.named("console-page", ProjectPaths.RIG, ProjectPaths.GUEST_LOGS)
                                    .modules()
                                    .device(socket)
                                    .kernelParameters("serial.login-only")
                                    .script(ProjectPaths.guestScript("serial.sh"))
                                    .boot());
            assertThat(screen(page))
                    .containsText(
                            "guest login:",
                            new LocatorAssertions.ContainsTextOptions().setTimeout(BOOT_MILLIS));
            type(page, "root");
            assertThat(screen(page)).containsText("# ");
            page.locator("#size").click(); // types stty with the size of the window
            type(page, "uname -sm; echo $((6 * 7)) $(tty)");
            assertThat(screen(page)).containsText("Linux x86_64");
            assertThat(screen(page)).containsText("42 /dev/ttyS");
            type(page, "port=$(basename $(tty)); dmesg | grep $port");
            assertThat(screen(page)).containsText("is a 16550A");
            type(page, "stty size");
            String size = page.locator("#size").innerText(); // columns x rows
            assertThat(screen(page)).containsText(" " + size.split(" ", -1)[0]);
            Chromium.picture(page, "console.png", Duration.ofMillis(500));
            type(page, "exit");
            GuestResult result = guest.get().requireSuccess();
            assertThat(result.lines("PASS somebody has logged in and out")).hasSize(1);
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void keysTextAndClipboardReachTheGuest() throws Exception {
        try (var console = serve(0);
                var browser = Chromium.start();
                var client = VfioUserClient.connect(socket)) {
            var guest = new Uart(client);
            guest.send("who is there \u001b[6n? ");
            Page page = open(browser, console);
            page.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
            assertThat(screen(page)).containsText("who is there ? ");

            page.keyboard().press("a");
            page.keyboard().press("Control+c");
            page.keyboard().press("ArrowUp");
            String received = guest.receive(5);
            assertThat(received).as("no answer to what was asked earlier").isEqualTo("a\3\33[A");

            BoundingBox box = page.locator(".xterm-screen").boundingBox();
            page.mouse().dblclick(box.x + 12, box.y + 8);
            page.keyboard().press("Control+c");
            page.waitForFunction("async () => await navigator.clipboard.readText() === 'who'");
            page.locator("#paste").click();
            assertThat(guest.receive(3)).isEqualTo("who");
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void aPageComesBackByItself() {
        try (var browser = Chromium.start()) {
            Page page;
            int port;
            try (var console = serve(0)) {
                port = console.address().getPort();
                page = open(browser, console);
            }
            assertThat(page.locator("#connection")).containsText("next try in");
            assertThat(page.locator("#now")).isVisible();
            try (var console = serve(port);
                    var client = VfioUserClient.connect(socket)) {
                assertThat(page.locator("#connection")).hasText("connected");
                new Uart(client).send("back on " + console.address().getPort());
                assertThat(screen(page)).containsText("back on " + port);
            }
        }
    }

    @Test
    void itsColoursAreTheSystemsOrThoseChosen() {
        try (var console = serve(0);
                var browser = Chromium.start()) {
            Page page = open(browser, console);
            var root = page.locator("html");
            assertThat(root).hasAttribute("data-theme", "light");
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
            assertThat(root).hasAttribute("data-theme", "dark");
            page.locator("#theme").click();
            assertThat(page.locator("#theme")).hasText("Light");
            assertThat(root).hasAttribute("data-theme", "light");
            page.reload();
            assertThat(root).hasAttribute("data-theme", "light");
            assertThat(browser.complaints()).isEmpty();
        }
    }

    /// A guest's driver, as far as it matters here.
    private static final class Uart {
        private static final int DATA = 0;
        private static final int INTERRUPT_ENABLE = 1;
        private static final int FIFO_CONTROL = 2;
        private static final int LINE_CONTROL = 3;
        private static final int MODEM_CONTROL = 4;
        private static final int LINE_STATUS = 5;

        private final VfioUserClient client;
        private final RemoteIrq irq;

        Uart(VfioUserClient client) {
            this.client = client;
            this.irq = client.irq(0, 0);
            client.write(0, LINE_CONTROL, 1, 0x03);
            client.write(0, FIFO_CONTROL, 1, 0x01);
            client.write(0, MODEM_CONTROL, 1, 0x03);
            irq.arm();
            client.write(0, INTERRUPT_ENABLE, 1, 0x01);
        }

        void send(String text) {
            text.chars().forEach(each -> client.write(0, DATA, 1, each));
        }

        String receive(int count) {
            var text = new StringBuilder();
            while (text.length() < count) {
                irq.await(Duration.ofSeconds(10));
                while ((client.read(0, LINE_STATUS, 1) & 1) != 0) {
                    text.append((char) client.read(0, DATA, 1));
                }
                irq.unmask();
            }
            return text.toString();
        }
    }
}
