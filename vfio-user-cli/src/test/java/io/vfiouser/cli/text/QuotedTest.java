package io.vfiouser.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class QuotedTest {
    @Test
    void leavesPrintableTextAlone() {
        assertThat(Quoted.of("a b=c")).isEqualTo("a b=c");
    }

    @Test
    void escapesWhatWouldBreakTheLineOrTheTerminal() {
        assertThat(Quoted.of("a\n\u001b[31mb\u00e9")).isEqualTo("a\\u000a\\u001b[31mb\\u00e9");
        assertThat(Quoted.path("/tmp/\u00e9\n")).isEqualTo("/tmp/\u00e9\\u000a");
    }

    @Test
    void cutsAfter64Characters() {
        assertThat(Quoted.of("x".repeat(65))).isEqualTo("x".repeat(64) + "...");
        assertThat(Quoted.of("x".repeat(64))).isEqualTo("x".repeat(64));
    }
}
