package io.vfiouser.server.pci;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.DeviceLayoutBuilder;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.region.Region;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class HeaderRegistersTest {
    private static final ScratchBar HANDLER = new ScratchBar(16);

    @Test
    void showsWhatTheLayoutSays() {
        var space =
                TestSpace.of(
                        TestSpace.pci()
                                .subsystem(0xcafe, 0xbabe)
                                .pciClass(0x01, 0x08, 0x02)
                                .revision(0x5a)
                                .irq(IrqIndex.INTX, 1));

        assertThat(space.read(0x00, 4)).isEqualTo(0x0dc8_494f);
        assertThat(space.read(0x04, 4)).as("command and status").isZero();
        assertThat(space.read(0x08, 4)).isEqualTo(0x0108_025a);
        assertThat(space.read(0x0c, 4)).as("header type 0, no BIST").isZero();
        assertThat(space.read(0x28, 4)).as("CardBus pointer").isZero();
        assertThat(space.read(0x2c, 4)).isEqualTo(0xbabe_cafe);
        assertThat(space.read(0x34, 4)).as("capability pointer").isZero();
        assertThat(space.read(0x3c, 4)).as("pin A, no line").isEqualTo(0x0000_0100);
    }

    @Test
    void hasNoPinWithoutIntx() {
        assertThat(TestSpace.of(TestSpace.pci()).read(0x3d, 1)).isZero();
    }

    static Stream<Arguments> commandBits() {
        var io = Bar.io(16, HANDLER);
        var memory = Bar.memory(16, HANDLER);
        var memory64 = Bar.memory64(16, HANDLER);
        var rom = Region.of(2048, HANDLER);
        return Stream.of(
                Arguments.of("bare", TestSpace.pci(), 0x0154),
                Arguments.of("I/O BAR", TestSpace.pci().bar(0, io), 0x0155),
                Arguments.of("memory BAR", TestSpace.pci().bar(0, memory), 0x0156),
                Arguments.of("64-bit BAR", TestSpace.pci().bar(4, memory64), 0x0156),
                Arguments.of("ROM", TestSpace.pci().rom(rom), 0x0156),
                Arguments.of("VGA", TestSpace.pci().vga(rom), 0x0157),
                Arguments.of("INTx", TestSpace.pci().irq(IrqIndex.INTX, 1), 0x0554),
                Arguments.of("Express", TestSpace.express(), 0x0144),
                Arguments.of(
                        "all",
                        TestSpace.express().bar(0, io).bar(1, memory).irq(IrqIndex.INTX, 1),
                        0x0547));
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("commandBits")
    void commandStoresTheBitsThatSwitchSomething(
            String name, DeviceLayoutBuilder layout, int expected) {
        var space = TestSpace.of(layout);

        space.write(0x04, 2, 0xffff);

        assertThat(space.read(0x04, 2)).as(name).isEqualTo(expected);
    }

    @Test
    void tellsEachChangeOfTheCommandRegisterOnce() {
        var space = TestSpace.of(TestSpace.pci().irq(IrqIndex.INTX, 1));

        space.write(0x04, 2, 0x0004);
        space.write(0x04, 2, 0x0004);
        space.write(0x05, 1, 0x04);
        space.write(0x04, 4, 0);

        assertThat(space.told)
                .containsExactly(
                        "command 0x0 -> 0x4", "command 0x4 -> 0x404", "command 0x404 -> 0x0");
    }

    @Test
    void busMasterAndIntxDisableFollowTheCommandRegister() {
        var space = TestSpace.of(TestSpace.pci().irq(IrqIndex.INTX, 1));
        assertThat(space.engine.busMaster()).isFalse();
        assertThat(space.engine.intxDisabled()).isFalse();

        space.write(0x04, 2, 0x0404);

        assertThat(space.engine.busMaster()).isTrue();
        assertThat(space.engine.intxDisabled()).isTrue();
    }

    @Test
    void statusErrorsAreClearedByWritingOnes() {
        var space = TestSpace.of(TestSpace.pci().capability(PciCapability.powerManagement()));
        space.engine.write(0x06, 2, 0xf910);

        space.write(0x06, 2, 0x8000);
        assertThat(space.read(0x06, 2)).isEqualTo(0x7910);

        space.write(0x07, 1, 0x71);
        assertThat(space.read(0x06, 2)).isEqualTo(0x0810);

        space.write(0x06, 2, 0);
        assertThat(space.read(0x06, 2)).isEqualTo(0x0810);

        space.write(0x06, 2, 0xffff);
        assertThat(space.read(0x06, 2)).as("capability list bit stays").isEqualTo(0x0010);
    }

    @Test
    void statusShowsAnAssertedPinAndClientsCannotClearIt() {
        var space = TestSpace.of(TestSpace.pci().irq(IrqIndex.INTX, 1));

        space.engine.setInterruptStatus(true);
        space.write(0x06, 2, 0xffff);
        assertThat(space.read(0x06, 2)).isEqualTo(0x0008);

        space.engine.setInterruptStatus(false);
        assertThat(space.read(0x06, 2)).isZero();
    }

    @Test
    void keepsCacheLineSizeLatencyTimerAndInterruptLine() {
        var space = TestSpace.of(TestSpace.pci());

        space.write(0x0c, 4, 0xffff_4010);
        space.write(0x3c, 4, 0xffff_ff0b);

        assertThat(space.read(0x0c, 4)).isEqualTo(0x0000_4010);
        assertThat(space.read(0x3c, 4)).isEqualTo(0x0000_000b);
    }

    @Test
    void expressHasNoLatencyTimer() {
        var space = TestSpace.of(TestSpace.express());

        space.write(0x0c, 2, 0x4010);

        assertThat(space.read(0x0c, 2)).isEqualTo(0x0010);
    }
}
