package io.vfiouser.it.soak;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/// A short one; `./soak MINUTES` is the same for longer.
class SoakTest {
    @Test
    void nothingGrows() {
        try (var soak = new Soak(1)) {
            soak.run(Duration.ofSeconds(6), Duration.ofSeconds(2));
        }
    }
}
