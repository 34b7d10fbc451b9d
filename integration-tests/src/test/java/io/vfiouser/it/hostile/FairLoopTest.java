package io.vfiouser.it.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.client.ConnectionClosedException;
import io.vfiouser.client.RawConnection;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client sends as fast as it can; the others on the loop have their turns all the same.
@ExtendWith(NoDescriptorLeaks.class)
class FairLoopTest {
    private static final Logger LOG = LoggerFactory.getLogger(FairLoopTest.class);
    private static final int WARM_UP_TRIPS = 3000;
    private static final int TRIPS = 1000;

    /// The aim is three times the idle value, measured on a machine with a processor for each side.
    /// Here the flood takes part of the processors from the clients that are measured, so that
    /// several times as much is left to chance; a loop that serves the flood until it ends is off
    /// by thousands.
    private static final int MEDIAN_FACTOR = 30;

    private final CrowdedLoop loop = CrowdedLoop.start();

    @AfterEach
    void close() {
        loop.close();
    }

    static Stream<Arguments> floods() {
        byte[] data = new byte[0x1_0000];
        return Stream.of(
                Arguments.of("posted writes", Wire.repeated(Wire.posted(0, 0, new byte[4]), 1000)),
                Arguments.of("small reads", Wire.repeated(Wire.read(1, 0, 0, 4), 1000)),
                Arguments.of("large reads", Wire.repeated(Wire.read(1, 1, 0, 0x10_0000), 4)),
                Arguments.of("large writes", Wire.repeated(Wire.posted(1, 0, data), 4)),
                Arguments.of("maps that are refused", Wire.repeated(Wire.map(1, 3, 0, 0, 0), 200)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("floods")
    void aFloodLeavesTheOthersServed(String name, byte[] batch) throws Exception {
        loop.measure(WARM_UP_TRIPS);
        RoundTrips idle = loop.measure(TRIPS);
        RoundTrips flooded = during(batch);
        LOG.info(
                "{}: p99 {} of {} us idle\n  {}\n  {}",
                name,
                "%.1f times".formatted((double) p99(flooded) / p99(idle)),
                p99(idle) / 1000,
                idle,
                flooded);
        flooded.assertUndisturbed();
        assertThat(flooded.quantile(0.5))
                .as("%s: %s; idle: %s", name, flooded, idle)
                .isLessThan(
                        idle.quantile(0.5).multipliedBy(MEDIAN_FACTOR).plus(Duration.ofMillis(1)));
    }

    private RoundTrips during(byte[] flood) throws Exception {
        RawConnection client = loop.negotiated();
        try (var threads = Executors.newFixedThreadPool(2)) {
            var reading = threads.submit(() -> takeAll(client));
            var sending = threads.submit(() -> sendWithoutEnd(client, flood));
            RoundTrips trips;
            try {
                trips = loop.measure(TRIPS);
                assertThat(sending).isNotDone();
            } finally {
                client.close();
            }
            sending.get();
            reading.get();
            return trips;
        }
    }

    private static long p99(RoundTrips trips) {
        return trips.quantile(0.99).toNanos();
    }

    private static void sendWithoutEnd(RawConnection client, byte[] batch) {
        try {
            while (true) {
                client.send(batch);
            }
        } catch (ConnectionClosedException e) {
            assertThat(client.isOpen()).isFalse();
        }
    }

    private static void takeAll(RawConnection client) {
        try {
            while (true) {
                client.receive().close();
            }
        } catch (ConnectionClosedException e) {
            assertThat(client.isOpen()).isFalse();
        }
    }
}
