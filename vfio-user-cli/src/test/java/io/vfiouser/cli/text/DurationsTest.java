package io.vfiouser.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DurationsTest {
    @ParameterizedTest
    @CsvSource({"7ns, PT0.000000007S", "500us, PT0.0005S", "20ms, PT0.02S", "5s, PT5S", "2m, PT2M"})
    void readsAndWritesTheSameText(String text, Duration duration) {
        assertThat(Durations.parse(text)).contains(duration);
        assertThat(Durations.format(duration)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "-5s", "5 s", "1.5s", "5d", "9999999999999s"})
    void refusesWhatIsNoDuration(String text) {
        assertThat(Durations.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"PT0S, 0s", "PT3600S, 1h", "PT90S, 90s", "PT1.5S, 1500ms"})
    void writesTheShortestExactText(Duration duration, String text) {
        assertThat(Durations.format(duration)).isEqualTo(text);
    }
}
