package io.vfiouser.codec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PeerTextTest {
    @Test
    void escapesWhatIsNotPrintable() {
        assertThat(PeerText.quote("a\"b\\c\n\u001b[31m\u00e9"))
                .isEqualTo("\"a\\\"b\\\\c\\u000a\\u001b[31m\\u00e9\"");
    }

    @Test
    void cutsLongText() {
        assertThat(PeerText.quote("x".repeat(64))).isEqualTo("\"" + "x".repeat(64) + "\"");
        assertThat(PeerText.quote("x".repeat(65))).isEqualTo("\"" + "x".repeat(64) + "\"...");
    }
}
