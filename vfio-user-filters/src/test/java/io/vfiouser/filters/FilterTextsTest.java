package io.vfiouser.filters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.MemoryRegion;
import io.vfiouser.device.region.RegisterBlock;
import io.vfiouser.os.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What users write, and what it stands for.
class FilterTextsTest {
    private static final FilteredRegion BAR2 =
            FilteredRegion.of(
                    "BAR2",
                    2,
                    Bar.memory(
                                    0x100,
                                    RegisterBlock.builder().constant(0x10, 4, "STATUS", 0).build())
                            .region());
    private static final FilteredRegion CONFIG = FilteredRegion.config(256);

    @ParameterizedTest
    @CsvSource({
        "all, 0, 256",
        "BAR2, 0, 256",
        "STATUS, 16, 20",
        "BAR2.STATUS, 16, 20",
        "BAR2+0x20, 32, 36",
        "BAR2+32/8, 32, 40",
        "BAR2+0xff/1, 255, 256"
    })
    void targets(String text, long start, long end) {
        assertThat(Target.parse(text).in(BAR2)).contains(new ByteRange(start, end));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BAR3",
                "status",
                "BAR2.OTHER",
                "BAR2+0x100",
                "BAR2+0xff",
                "BAR2+1f",
                "BAR2+0x0/0",
                "BAR2+0xfffffffffffffff/9"
            })
    void noTargets(String text) {
        assertThat(Target.parse(text).in(BAR2)).isEmpty();
    }

    @Test
    void configSpaceIsAskedForByName() {
        assertThat(Target.ALL.in(CONFIG)).isEmpty();
        assertThat(Target.parse("STATUS").in(CONFIG)).isEmpty();
        assertThat(Target.parse("config").in(CONFIG)).contains(new ByteRange(0, 256));
        assertThat(Target.parse("config.STATUS").in(CONFIG)).contains(new ByteRange(6, 8));
    }

    @Test
    void rules() {
        assertThat(ErrorRule.parse("none")).isEqualTo(ErrorRule.NONE);
        assertThat(ErrorRule.parse("EIO")).isEqualTo(ErrorRule.always(Errno.EIO));
        assertThat(ErrorRule.parse("EIO@3")).isEqualTo(ErrorRule.nth(Errno.EIO, 3));
        assertThat(ErrorRule.parse("EIO@1%")).isEqualTo(ErrorRule.random(Errno.EIO, 0.01));
        assertThat(ErrorRule.parse("EIO@0.5%")).isEqualTo(ErrorRule.random(Errno.EIO, 0.005));
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "EIO", "EBUSY@3", "EIO@1%", "EIO@0.5%", "EIO@33.3%"})
    void rulesAreWrittenAsTheyAreRead(String text) {
        assertThat(ErrorRule.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "5", "EFOO", "eio", "EIO@", "EIO@0", "EIO@101%", "EIO@-1", "EIO@1%x"})
    void noRules(String text) {
        assertThatThrownBy(() -> ErrorRule.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rule: " + text + " (expected: none, EIO, EIO@1% or EIO@3)");
    }

    @Test
    void interrupts() {
        assertThat(IrqTarget.parse("all")).isEqualTo(IrqTarget.ALL);
        assertThat(IrqTarget.parse("msix.3")).isEqualTo(IrqTarget.of(IrqIndex.MSIX, 3));
        assertThat(IrqTarget.parse("intx").index()).contains(IrqIndex.INTX);
        assertThat(IrqTarget.parse("msi.31")).hasToString("msi.31");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "msix3", "msix.", "3", "MSIX.3", "msix.12345"})
    void noInterrupts(String text) {
        assertThatThrownBy(() -> IrqTarget.parse(text))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void placesOfARegionWithoutRegisters() {
        FilteredRegion plain =
                FilteredRegion.of(
                        "BAR0", 0, Bar.memory(0x1000, MemoryRegion.scratch(0x1000)).region());
        assertThat(plain.place(0x20, 4)).isEqualTo("BAR0+0x20");
        assertThat(plain.registers()).isEmpty();
    }
}
