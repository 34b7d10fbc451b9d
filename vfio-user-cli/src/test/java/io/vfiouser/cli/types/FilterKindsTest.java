package io.vfiouser.cli.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.cli.failure.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FilterKindsTest {
    private static final FilterKinds KINDS = FilterKinds.installed();

    @Test
    void theStandardFiltersAreInstalled() {
        assertThat(KINDS.all())
                .extracting(FilterKind::name)
                .contains(
                        "delay",
                        "dma-fault",
                        "drop-irq",
                        "error",
                        "log",
                        "rate",
                        "spurious-irq",
                        "stats",
                        "stuck-bit",
                        "surprise-removal");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "delay:read=5ms",
                "delay:read=5ms,write=1us,at=BAR2.STATUS",
                "error:write=EIO@1%",
                "error:read=EBUSY@3,at=STATUS,seed=7,trigger=/run/fail",
                "stuck-bit:at=STATUS,one=0x4",
                "drop-irq",
                "drop-irq:irq=msix.3,rate=0.5",
                "spurious-irq:every=10ms",
                "dma-fault:read=EFAULT@10%",
                "surprise-removal:after=10s",
                "rate:per-second=100",
                "stats",
                "log"
            })
    void madeByName(String text) {
        String name = text.contains(":") ? text.substring(0, text.indexOf(':')) : text;
        assertThat(KINDS.parse(text).get().name()).isEqualTo(name);
    }

    @Test
    void eachDeviceHasItsOwn() {
        var filters = KINDS.parse("stats");
        assertThat(filters.get()).isNotSameAs(filters.get());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "dealy:read=5ms|filter: dealy: unknown (expected: one of ",
                "dealy|did you mean delay)",
                "delay:raed=5ms|filter delay: raed: unknown setting (expected: ",
                "delay:read=5|filter delay: read: 5 (expected: a duration, ",
                "delay:read=-5ms|filter delay: read: -5ms (expected: a duration, ",
                "delay:5ms|filter: delay:5ms: 5ms (expected: NAME or NAME:KEY=VALUE,KEY=VALUE, as",
                "delay:|filter: delay::  (expected: NAME or",
                "delay:read=1s,read=2s|filter: delay:read=1s,read=2s: read: given twice",
                "error|filter error: read: none, write: none (expected: an errno for one of them,",
                "error:read=EFOO|filter error: read: EFOO (expected: none, EIO, EIO@1% or EIO@3;",
                "drop-irq:irq=3|filter drop-irq: irq: 3 (expected: all, intx, ",
                "drop-irq:rate=2|filter drop-irq: rate: 2.0 (expected: 0 to 1)",
                "stuck-bit:at=A|filter stuck-bit: zero: 0x0, one: 0x0 (expected: a bit that is",
                "stuck-bit:at=|filter stuck-bit: at:  (expected: all, BAR2, ",
                "spurious-irq:every=0s|filter spurious-irq: every: PT0S (expected: more than 0,"
            })
    void refused(String text, String message) {
        assertThatThrownBy(() -> KINDS.parse(text))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(message);
    }
}
