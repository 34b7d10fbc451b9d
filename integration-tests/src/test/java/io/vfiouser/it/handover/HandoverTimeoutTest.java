package io.vfiouser.it.handover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.migration.Handover;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.migration.StateSource;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.server.handover.Successor;
import io.vfiouser.server.handover.TakeoverException;
import io.vfiouser.server.options.ServiceOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A takeover in which one side falls silent, at any stage, ends in time, and the old server goes
/// on: the next takeover succeeds.
@ExtendWith(NoDescriptorLeaks.class)
final class HandoverTimeoutTest {
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration LONG = Duration.ofSeconds(30);

    /// The JDK keeps a socket of its own from the first one on that it closes.
    @BeforeAll
    static void letTheJdkOpenItsSocket() throws IOException {
        try (var relay = Relay.start()) {
            Stranger.connect(relay.handoverSocket()).close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, LONG, SHORT, LONG", // HELLO
        "1, SHORT, LONG, LONG", // FREEZE
        "3, LONG, LONG, SHORT", // INSTALLED
        "6, LONG, LONG, SHORT" // TAKEN
    })
    void aNewProcessThatFallsSilentIsGivenUp(
            int lastStep, String prepare, String freeze, String install) throws Exception {
        try (var relay = Relay.start(time(prepare), time(freeze), time(install));
                var client = served(relay)) {
            try (var silent = Stranger.connect(relay.handoverSocket())) {
                silent.goTo(lastStep, "device0");
                CompletableFuture<byte[]> held = client.async().regionRead(0, 0x40, 4);
                String last = silent.untilTheEnd();
                if (lastStep < Stranger.INSTALLED) { // then it hangs up before it asks for TAKEN
                    assertThat(last).contains("no answer of the other process within");
                }
                assertThat(held.get(20, TimeUnit.SECONDS)).startsWith(0xcd, 0xab);
            }
            assertServed(client);
            relay.replace();
            assertServed(client);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, false", "0, true", "1, false", "1, true"})
    void anOldProcessThatFallsSilentOrDiesIsLeft(int passed, boolean dies) throws Exception {
        try (var relay = Relay.start(LONG, SHORT, SHORT);
                var client = served(relay)) {
            try (var offer = SilentOffer.before(relay.handoverSocket(), passed, dies)) {
                assertThatExceptionOfType(TakeoverException.class)
                        .isThrownBy(() -> relay.attemptAt(offer.socket()))
                        .withMessageContaining(
                                dies ? "has closed the connection" : "no answer of the other");
            }
            assertServed(client);
            relay.replace();
            assertServed(client);
        }
    }

    @Test
    void aDeviceThatDoesNotStopGoesOn() throws Exception {
        try (var relay = Relay.start(LONG, SHORT, LONG);
                var client =
                        VfioUserClient.connect(
                                relay.serve("device0", () -> new SlowDevice(true, false)))) {
            client.region(0).write32(0x40, 0xabcd);
            assertThatExceptionOfType(TakeoverException.class)
                    .isThrownBy(relay::replace)
                    .withMessageContaining("device0: still at work");
            assertServed(client);
        }
    }

    @Test
    void aDeviceThatDoesNotLoadLeavesTheOldOne() throws Exception {
        try (var relay = Relay.start(LONG, LONG, SHORT);
                var client = served(relay)) {
            assertThatExceptionOfType(TakeoverException.class)
                    .isThrownBy(() ->
                            relay.attempt(all -> {
                                all.values().forEach(each -> each.device().close());
                                return Map.of(
                                        "device0",
                                        new Successor(
                                                new SlowDevice(false, true),
                                                ServiceOptions.defaults()));
                            }))
                    .withMessageContaining("device0: still being put in place");
            assertServed(client);
            relay.replace();
            assertServed(client);
        }
    }

    private static Duration time(String name) {
        return name.equals("SHORT") ? SHORT : LONG;
    }

    private static VfioUserClient served(Relay relay) {
        var client = VfioUserClient.connect(relay.serve("device0", TestDevice::new));
        client.region(0).write32(0x40, 0xabcd);
        return client;
    }

    private static void assertServed(VfioUserClient client) {
        assertThat(client.region(0).read32(0x40)).isEqualTo(0xabcd);
        client.region(0).write32(0x44, 1);
        assertThat(client.region(0).read32(0x44)).isEqualTo(1);
    }

    /// A device that does not end what it has begun.
    private static final class SlowDevice implements Device {
        private final TestDevice device = new TestDevice();
        private final boolean stopping;
        private final boolean loading;

        SlowDevice(boolean stopping, boolean loading) {
            this.stopping = stopping;
            this.loading = loading;
        }

        @Override
        public DeviceLayout layout() {
            return device.layout();
        }

        @Override
        public Optional<Handover> handover() {
            Handover sound = device.handover().orElseThrow();
            return Optional.of(
                    new Handover() {
                        @Override
                        public Completion stop() {
                            return stopping ? never() : sound.stop();
                        }

                        @Override
                        public StateSource save() {
                            return sound.save();
                        }

                        @Override
                        public StateSink load() {
                            return loading ? new SlowSink(sound.load()) : sound.load();
                        }
                    });
        }

        @Override
        public void close() {
            device.close();
        }
    }

    private static Completion never() {
        return Completion.after(new CompletableFuture<@Nullable Void>());
    }

    private record SlowSink(StateSink sink) implements StateSink {
        @Override
        public Completion write(MemorySegment from) {
            return sink.write(from);
        }

        @Override
        public Completion finish() {
            return never();
        }

        @Override
        public void abort() {
            sink.abort();
        }
    }
}
