package io.vfiouser.server.pci;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.device.region.Register;
import io.vfiouser.device.region.RegisterBlock;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

class HandledCapabilitiesTest {
    private final ScratchBar config = new ScratchBar(0x1000);
    private final ScratchBar standard = new ScratchBar(16);
    private final ScratchBar extended = new ScratchBar(16);
    private final RegionHandler space =
            HandledCapabilities.over(
                    config,
                    TestSpace.express()
                            .capability(PciCapability.powerManagement())
                            .capability(PciCapability.builder(0x03, 8).handledBy(standard).build())
                            .capability(
                                    PciCapability.extendedBuilder(0x23, 1, 16)
                                            .handledBy(extended)
                                            .build())
                            .build()
                            .capabilities(),
                    Runnable::run);

    @Test
    void withoutThemTheConfigSpaceStaysAsItIs() {
        assertThat(HandledCapabilities.over(config, List.of(), Runnable::run)).isSameAs(config);
    }

    @Test
    void theDeviceSeesItsBytesCountedFromTheCapability() {
        write(0x4c, 4, 0x1234_5678);
        write(0x10e, 2, 0xabcd);

        assertThat(read(0x4c, 4)).isEqualTo(0x1234_5678);
        assertThat(standard.accesses).containsExactly("write 0x4+4", "read 0x4+4");
        assertThat(extended.accesses).containsExactly("write 0xe+2");
        assertThat(config.accesses).isEmpty();
    }

    @Test
    void theHeadersStayTheConfigSpaces() {
        read(0x48, 2);
        read(0x100, 4);

        assertThat(config.accesses).containsExactly("read 0x48+2", "read 0x100+4");
        assertThat(standard.accesses).isEmpty();
        assertThat(extended.accesses).isEmpty();
    }

    @Test
    void anAccessThatStraddlesIsCut() {
        write(0x48, 4, 0x1234_5678);
        write(0x4e, 4, 0);

        assertThat(config.accesses).containsExactly("write 0x48+2", "write 0x50+2");
        assertThat(standard.accesses).containsExactly("write 0x2+2", "write 0x6+2");
    }

    @Test
    void namesTheRegistersOfTheDevice() {
        var registers = RegisterBlock.builder().readOnly(4, 4, "VPD_DATA", () -> 7).build();
        var capability = PciCapability.builder(0x03, 8).handledBy(registers).build();
        RegionHandler named =
                HandledCapabilities.over(
                        config,
                        TestSpace.pci().capability(capability).build().capabilities(),
                        Runnable::run);

        assertThat(named.registerAt(0x44).map(Register::name)).contains("VPD_DATA");
        assertThat(named.registerAt(0x40)).isEmpty();
    }

    private long read(int offset, int width) {
        var bytes = MemorySegment.ofArray(new byte[width]);
        assertThat(space.read(offset, bytes)).isEqualTo(Completion.DONE);
        return LittleEndian.get(bytes, 0, width);
    }

    private void write(int offset, int width, long value) {
        var bytes = MemorySegment.ofArray(new byte[width]);
        LittleEndian.put(bytes, 0, width, value);
        assertThat(space.write(offset, bytes)).isEqualTo(Completion.DONE);
    }
}
