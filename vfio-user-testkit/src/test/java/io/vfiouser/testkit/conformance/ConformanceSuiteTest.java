package io.vfiouser.testkit.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.MemoryRegion;
import io.vfiouser.os.Errno;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.testkit.conformance.ConformanceResult.Differs;
import io.vfiouser.testkit.conformance.ConformanceResult.NotApplicable;
import io.vfiouser.testkit.conformance.ConformanceResult.Passed;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoDescriptorLeaks.class)
class ConformanceSuiteTest {
    private final VfioUserServer server = VfioUserServer.start(ServerOptions.defaults());

    @TempDir private Path directory;
    private Path socket = Path.of("");

    @BeforeEach
    void serve() {
        socket = server.serve("plain", new PlainDevice(), directory.resolve("plain")).socket();
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void tellsWhatIsExpectedAndWhatIsSeen() {
        try (var suite = suite()) {
            assertThat(suite.run(check(peer -> peer.refuses(Commands.getInfo(), Errno.EPERM))))
                    .isEqualTo(
                            new Differs(
                                    "refused with [EPERM]",
                                    "reply to command 4 id 0x1d, 32 bytes",
                                    false));
        }
    }

    @Test
    void tellsWhetherTheServerDoesAsTheReference() {
        try (var suite = suite()) {
            ConformanceCheck check =
                    check(peer -> peer.refuses(Commands.irqInfo(9), Errno.ENOTTY))
                            .reference(
                                    "EINVAL",
                                    peer -> peer.refuses(Commands.irqInfo(9), Errno.EINVAL));
            assertThat(suite.run(check))
                    .isEqualTo(
                            new Differs(
                                    "refused with [ENOTTY]",
                                    "reply to command 7 id 0x1d, EINVAL, 16 bytes",
                                    true));
        }
    }

    @Test
    void goesOnWithANewConnectionAfterADifference() {
        try (var suite = suite()) {
            assertThat(suite.run(check(ConformanceSuiteTest::leaveOutOfStep)))
                    .isInstanceOf(Differs.class);
            assertThat(suite.run(check(Peer::inStep))).isEqualTo(new Passed());
        }
    }

    @Test
    void waitsNoLongerThanTheTimeoutForAnAnswer() {
        try (var suite =
                ConformanceSuite.connect(
                        socket,
                        ConformanceOptions.defaults().withTimeout(Duration.ofMillis(500)))) {
            assertThat(suite.run(check(Peer::receive)))
                    .isEqualTo(new Differs("a message within 500 ms", "none", false));
        }
    }

    @Test
    void saysWhyACheckDoesNotApply() {
        try (var suite = suite()) {
            assertThat(suite.run(check(TestdevDma::of)))
                    .isEqualTo(new NotApplicable("needs the device testdev"));
        }
    }

    @Test
    void namesEachCheckOnceWithinItsGroup() {
        try (var suite = suite()) {
            assertThat(suite.checks().stream().map(ConformanceCheck::toString))
                    .doesNotHaveDuplicates()
                    .hasSizeGreaterThan(300);
        }
    }

    @Test
    void sendsTheSameBytesForTheSameSeed() {
        assertThat(randomBytes(1)).isEqualTo(randomBytes(1)).isNotEqualTo(randomBytes(2));
    }

    @Test
    void refusesASocketWhereNobodyListens() {
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() ->
                        ConformanceSuite.connect(
                                directory.resolve("nobody"), ConformanceOptions.defaults()));
    }

    @Test
    void reportShowsDifferencesAndSums() {
        ConformanceCheck passed = check(_ -> {});
        ConformanceCheck differs = check(_ -> {}).reference("drops it", _ -> {});
        var report =
                new ConformanceReport(
                        "/run/x.sock",
                        "a device",
                        7,
                        Duration.ofMillis(1234),
                        List.of(
                                Map.entry(passed, new Passed()),
                                Map.entry(differs, new Differs("one", "two", true))));
        assertThat(report.text())
                .isEqualTo(
                        """
                        /run/x.sock: a device

                        group                        1 passed, 1 differ  ("Header")
                          DIFFERS  name
                                     specification  does this
                                     expected       one
                                     seen           two (as the C library does)
                                     C library      drops it

                        1 passed, 1 differ, 0 not applicable; 1.234 s, seed 0x7
                        """);
        assertThat(report.text(true)).contains("  passed   name: does this\n");
    }

    private ConformanceSuite suite() {
        return ConformanceSuite.connect(
                socket, ConformanceOptions.defaults().withTimeout(Duration.ofSeconds(10)));
    }

    private static ConformanceCheck check(Consumer<Peer> body) {
        return new ConformanceCheck("group", "Header", "name", "does this", true, body);
    }

    private static void leaveOutOfStep(Peer peer) {
        peer.send(Commands.getInfo().statedSize(4000));
        throw new Difference("nothing", "half a message");
    }

    private static List<String> randomBytes(long seed) {
        var model = new RandomModel(Target.UNKNOWN, new Random(seed));
        return Stream.generate(() -> HexFormat.of().formatHex(model.next().command().toBytes()))
                .limit(50)
                .toList();
    }

    private static final class PlainDevice implements Device {
        @Override
        public DeviceLayout layout() {
            return DeviceLayout.pci(0x1af4, 0x10f7)
                    .bar(0, Bar.memory(0x1000, MemoryRegion.scratch(0x1000)))
                    .irq(IrqIndex.INTX, 1)
                    .build();
        }
    }
}
