package io.vfiouser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CtlCallTest {
    @Test
    void aRemovalIsWaitedForAsLongAsItsGrace() {
        CtlCall call = CtlCall.of("remove", List.of("gpio0", "90"));

        assertThat(call.path()).isEqualTo("/v1/devices/gpio0?grace=90");
        assertThat(call.grace()).isEqualTo(Duration.ofSeconds(90));
    }

    @ParameterizedTest
    @ValueSource(strings = {"soon", "-1", "4294967296"})
    void aGraceThatIsNoneIsLeftToTheServerToRefuse(String grace) {
        CtlCall call = CtlCall.of("remove", List.of("gpio0", grace));

        assertThat(call.path()).endsWith("?grace=" + grace);
        assertThat(call.grace()).isZero();
    }
}
