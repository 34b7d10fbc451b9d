package io.vfiouser.server.pci;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.pci.PciCapability;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ExpressRegistersTest {
    private static final int SIZE = 60;
    private static final int DEVICE_CONTROL = TestSpace.FIRST + 0x08;
    private static final int DEVICE_STATUS = TestSpace.FIRST + 0x0a;

    /// 4 bytes a register: id and capabilities, device, link, slot, root, then the second set.
    private static final String INITIAL =
            """
            10000200 00800010 10280000 11004000 00001100
            00000000 00000000 00000000 00000000
            10000000 00000000 02000000 00000000 00000000 00000000
            """;

    private static final String ALL_ONES_WRITTEN =
            """
            10000200 00800010 1f780000 11004000 cb001100
            00000000 00000000 00000000 00000000
            10000000 10000000 02000000 00000000 00000000 00000000
            """;

    @Test
    void describesAnEndpoint() {
        assertThat(with(true).readBytes(TestSpace.FIRST, SIZE)).isEqualTo(bytes(INITIAL));
        assertThat(with(false).read(TestSpace.FIRST + 4, 4)).isEqualTo(0x0000_8000);
    }

    @Test
    void storesWhatAnEndpointHas() {
        var space = with(true);
        var ones = new byte[SIZE];
        Arrays.fill(ones, (byte) 0xff);

        space.writeBytes(TestSpace.FIRST, ones);

        assertThat(space.readBytes(TestSpace.FIRST, SIZE)).isEqualTo(bytes(ALL_ONES_WRITTEN));
    }

    @Test
    void functionLevelResetIsToldAndTheBitReadsZero() {
        var space = with(true);

        space.write(DEVICE_CONTROL, 2, 0xa810);

        assertThat(space.told).containsExactly("FLR");
        assertThat(space.read(DEVICE_CONTROL, 2)).isEqualTo(0x2810);
    }

    @Test
    void functionLevelResetByTheUpperByteAlone() {
        var space = with(true);

        space.write(DEVICE_CONTROL + 1, 1, 0x80);

        assertThat(space.told).containsExactly("FLR");
        assertThat(space.read(DEVICE_CONTROL, 2)).isEqualTo(0x0010);
    }

    @Test
    void otherWritesAreNoReset() {
        var space = with(true);

        space.write(DEVICE_CONTROL, 2, 0x7fff);
        space.write(DEVICE_CONTROL, 1, 0xff);
        space.write(DEVICE_STATUS, 2, 0xffff);

        assertThat(space.told).isEmpty();
    }

    @Test
    void withoutTheCapabilityToResetTheBitIsReadOnly() {
        var space = with(false);

        space.write(DEVICE_CONTROL, 2, 0x8000);

        assertThat(space.told).isEmpty();
        assertThat(space.read(DEVICE_CONTROL, 2)).isZero();
    }

    @Test
    void deviceStatusIsClearedByWritingOnes() {
        var space = with(true);
        space.engine.write(DEVICE_STATUS, 2, 0x002f);

        space.write(DEVICE_STATUS, 2, 0x0025);
        assertThat(space.read(DEVICE_STATUS, 2)).isEqualTo(0x002a);

        space.write(DEVICE_CONTROL, 4, 0xffff_0000);
        assertThat(space.read(DEVICE_STATUS, 2)).as("transactions pending stays").isEqualTo(0x20);
    }

    @Test
    void theOwnerMayResetTheSpaceWhileItIsTold() {
        var holder = new ConfigSpaceEngine[1];
        var listener = new ResettingListener(() -> holder[0].reset());
        holder[0] =
                new ConfigSpaceEngine(
                        TestSpace.express().capability(PciCapability.express()).build(), listener);
        holder[0].write(0x04, 2, 0x0144);

        holder[0].clientWrite(DEVICE_CONTROL, MemorySegment.ofArray(new byte[] {0, -1}));

        assertThat(listener.resets).isEqualTo(1);
        assertThat(holder[0].read(0x04, 2)).isZero();
        assertThat(holder[0].read(DEVICE_CONTROL, 2)).isEqualTo(0x2810);
    }

    private static TestSpace with(boolean flr) {
        return TestSpace.of(TestSpace.express().capability(new PciCapability.Express(flr)));
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
    }

    /// Resets the config space when it is told of an FLR, as the server does.
    private static final class ResettingListener implements ConfigSpaceListener {
        private final Runnable reset;
        int resets;

        ResettingListener(Runnable reset) {
            this.reset = reset;
        }

        @Override
        public void functionLevelReset() {
            resets++;
            reset.run();
        }

        @Override
        public void commandChanged(int old, int now) {}

        @Override
        public void messageInterruptsChanged() {}

        @Override
        public void msiMasksChanged() {}

        @Override
        public void msixFunctionMaskChanged() {}

        @Override
        public void powerStateChanged(PowerState from, PowerState to) {}

        @Override
        public void softReset() {}
    }
}
