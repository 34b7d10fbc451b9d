package io.vfiouser.server.pci;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class VectorBitsTest {
    @Test
    void threadsDoNotLoseEachOthersBits() throws InterruptedException {
        var bits = new VectorBits(64);
        var start = new CountDownLatch(1);
        var threads = new Thread[4];
        for (int t = 0; t < threads.length; t++) {
            int first = 16 * t;
            threads[t] =
                    Thread.ofPlatform()
                            .start(() -> {
                                awaitQuietly(start);
                                for (int round = 0; round < 1001; round++) {
                                    for (int i = 0; i < 16; i++) {
                                        bits.set(first + i, round % 2 == 0);
                                    }
                                }
                            });
        }
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }

        for (int i = 0; i < 8; i++) {
            assertThat(bits.byteAt(i)).isEqualTo(0xff);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
