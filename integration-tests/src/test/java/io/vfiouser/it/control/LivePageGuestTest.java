package io.vfiouser.it.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import io.vfiouser.cli.types.InstalledCatalog;
import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.control.ControlAddress;
import io.vfiouser.control.ControlServer;
import io.vfiouser.control.ControlToken;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.filters.FilteredDevice;
import io.vfiouser.it.support.Chromium;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.options.ServerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The live page in a real browser.
@Tag("guest")
@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LivePageGuestTest {
    private static final int BAR = 2;

    private static final Duration SETTLE = Duration.ofMillis(1500);

    /// Its name is in the pictures.
    private static final Path DIRECTORY = Path.of("target", "live-page");

    private final VfioUserServer server = VfioUserServer.start(ServerOptions.defaults());
    private final ControlToken token = ControlToken.random();
    private ControlServer control;

    @BeforeEach
    void serve() throws IOException {
        Files.createDirectories(DIRECTORY);
        for (String name : List.of("gpio0", "gpio1", "gpio2")) {
            server.serve(
                    name,
                    FilteredDevice.adjustable(new GpioDevice(), List.of()),
                    DIRECTORY.resolve(name));
        }
        control =
                ControlServer.start(
                        server,
                        new ControlAddress.Loopback(0),
                        Optional.of(token),
                        new InstalledCatalog());
    }

    @AfterEach
    void stop() {
        control.close();
        server.close();
    }

    private Page open(Chromium browser, String fragment) {
        String address = "http://" + control.address() + "/" + fragment;
        return browser.open(address, ColorScheme.LIGHT, 1360, 1240);
    }

    @Test
    void showsDevicesChartsAndTheEffectOfAFilter() throws Exception {
        try (var browser = Chromium.start();
                var guest = VfioUserClient.connect(DIRECTORY.resolve("gpio0"));
                var ram = SharedMemory.create("ram", 64 << 20);
                var rom = SharedMemory.create("rom", 256 << 10)) {
            guest.dmaMap(0, ram, 0, 64 << 20, DmaFlags.READ_WRITE);
            guest.dmaMap(0xfffc0000L, rom, 0, 256 << 10, DmaFlags.READ_ONLY);
            guest.irq(0, 0).arm();
            Page page = open(browser, "#token=" + token.text());
            var devices = page.locator("#devices button");
            PlaywrightAssertions.assertThat(devices).hasCount(3);
            PlaywrightAssertions.assertThat(page.locator("#device-name")).hasText("gpio0");
            try (var load = new Load(guest)) {
                page.waitForFunction(
                        "() => Number(document.getElementById('rate').dataset.last) > 100 &&"
                                + " Number(document.getElementById('rate').dataset.points) > 12");
                PlaywrightAssertions.assertThat(page.locator("#trace tr").first()).isVisible();
                PlaywrightAssertions.assertThat(page.locator("#memory-about"))
                        .containsText("2 regions");
                PlaywrightAssertions.assertThat(page.locator("#config")).containsText("VENDOR_ID");
                PlaywrightAssertions.assertThat(page.locator("#irqs")).containsText("INTX.0");
                Chromium.picture(page, "live-page-light.png", SETTLE);
                page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
                Chromium.picture(page, "live-page-dark.png", SETTLE);
                assertThat(load.failure()).isEmpty();
            }
            page.fill("#filter-text", "error:read=EBUSY");
            page.press("#filter-text", "Enter");
            PlaywrightAssertions.assertThat(page.locator("#filters .text"))
                    .hasText("error:read=EBUSY");
            assertThatThrownBy(() -> guest.read(BAR, 0, 1))
                    .isInstanceOf(RemoteErrorException.class)
                    .hasMessageContaining("EBUSY");
            page.locator("#filters [role=switch]").click();
            PlaywrightAssertions.assertThat(page.locator("#filters [role=switch]"))
                    .hasAttribute("aria-checked", "false");
            guest.read(BAR, 0, 1);
            guest.irq(0, 0).disarm();
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void asksForTheTokenAndIsWorkedByKeyboard() {
        try (var browser = Chromium.start()) {
            Page page = open(browser, "");
            PlaywrightAssertions.assertThat(page.locator("#token")).isFocused();
            page.keyboard().type(token.text());
            page.keyboard().press("Enter");
            PlaywrightAssertions.assertThat(page.locator("#devices button")).hasCount(3);
            page.locator("[data-device=gpio1]").focus();
            page.keyboard().press("Enter");
            PlaywrightAssertions.assertThat(page.locator("#device-name")).hasText("gpio1");
        }
    }

    /// A client at work on a thread of its own.
    private static final class Load implements AutoCloseable {
        private final Thread thread;
        private volatile boolean ended;
        private volatile Optional<Throwable> failure = Optional.empty();

        Load(VfioUserClient guest) {
            thread =
                    Thread.ofPlatform()
                            .name("load")
                            .start(() -> {
                                try {
                                    for (long i = 0; !ended; i++) {
                                        guest.write(BAR, 0, 1, i & 0xff);
                                        guest.read(BAR, 0, 1);
                                    }
                                } catch (RuntimeException e) {
                                    failure = Optional.of(e);
                                }
                            });
        }

        Optional<Throwable> failure() {
            return failure;
        }

        @Override
        public void close() {
            ended = true;
            try {
                thread.join();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
