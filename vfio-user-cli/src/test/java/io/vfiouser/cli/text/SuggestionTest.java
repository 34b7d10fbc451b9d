package io.vfiouser.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SuggestionTest {
    private static final List<String> KNOWN = List.of("gpio", "testdev", "nvme");

    @ParameterizedTest
    @CsvSource({"gipo, gpio", "gpi, gpio", "test-dev, testdev", "nvm, nvme", "nmve, nvme"})
    void findsTheNameThatWasMeant(String written, String name) {
        assertThat(Suggestion.of(written, KNOWN)).contains(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "disk", "gpu8", "completely-different"})
    void staysSilentWhenNothingIsClose(String written) {
        assertThat(Suggestion.of(written, KNOWN)).isEmpty();
    }

    @Test
    void staysSilentForOverlongText() {
        assertThat(Suggestion.of("g".repeat(100_000), KNOWN)).isEmpty();
    }
}
