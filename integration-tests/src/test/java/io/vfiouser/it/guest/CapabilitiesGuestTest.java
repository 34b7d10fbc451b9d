package io.vfiouser.it.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.ResetReason;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.testkit.guest.GuestResult;
import io.vfiouser.testkit.guest.GuestVm;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A device with one of each kind of capability, behind a root port, as `lspci` in the guest shows
/// it; its MSI-X masks, and its function-level reset.
@Tag("guest")
@ExtendWith(NoDescriptorLeaks.class)
final class CapabilitiesGuestTest {
    /// What `lspci -vvv` says of the layout, in its order; the lines in between are about links,
    /// slots and other things that the layout does not choose. QEMU 11.1 lets all of it through: it
    /// keeps MSI-X and the BARs itself but shows them as the server has them, and hands out all
    /// extended capabilities, because the bus is a PCI Express one.
    private static final String[] EXPECTED = {
        "01:00.0 Unassigned class [ff00]: Device 1234:5678 (rev 42)",
        "Subsystem: Red Hat, Inc. Device 1100",
        "Region 0: Memory at ADDRESS (64-bit, prefetchable) [size=16K]",
        "Region 2: Memory at ADDRESS (32-bit, non-prefetchable) [size=4K]",
        "Capabilities: [40] Power Management version 3",
        "Flags: PMEClk- DSI- D1- D2- AuxCurrent=0mA PME(D0-,D1-,D2-,D3hot-,D3cold-)",
        "Status: D0 NoSoftRst+ PME-Enable- DSel=0 DScale=0 PME-",
        "Capabilities: [48] MSI-X: Enable- Count=4 Masked-",
        "Vector table: BAR=2 offset=00000000",
        "PBA: BAR=2 offset=00000800",
        "Capabilities: [80] Express (v2) Endpoint, IntMsgNum 0",
        "ExtTag- AttnBtn- AttnInd- PwrInd- RBE+ FLReset+ SlotPowerLimit 0W TEE-IO-",
        "MaxPayload 128 bytes, MaxReadReq 512 bytes",
        "LnkCap: Port #0, Speed 2.5GT/s, Width x1, ASPM not supported",
        "LnkSta: Speed 2.5GT/s, Width x1",
        "Capabilities: [c0] Vendor Specific Information: Len=08 <?>",
        "Capabilities: [100 v2] Advanced Error Reporting",
        "UESta: DLP- SDES- TLP- FCP- CmpltTO- CmpltAbrt- UnxCmplt- RxOF- MalfTLP-",
        "UESvrt: DLP+ SDES- TLP- FCP+ CmpltTO- CmpltAbrt- UnxCmplt- RxOF+ MalfTLP+",
        "CEMsk: RxErr- BadTLP- BadDLLP- Rollover- Timeout- AdvNonFatalErr+ CorrIntErr+ HeaderOF-",
        "Capabilities: [148 v1] Device Serial Number 00-11-22-ff-fe-33-44-55",
        "Capabilities: [200 v1] Vendor Specific Information: ID=cafe Rev=3 Len=010 <?>"
    };

    @Test
    void guestSeesTheDeviceAsBuilt() throws Exception {
        var device = new CapableDevice();
        GuestResult guest;
        try (var server = TestServer.start()) {
            Path socket = server.serve("capable", device);
            guest =
                    GuestVm.named("capabilities", ProjectPaths.RIG, ProjectPaths.GUEST_LOGS)
                            .modules()
                            .tools("lspci", "setpci")
                            .device(socket)
                            .kernelParameters("mem=384M")
                            .options("--root-port", "--accel", "tcg")
                            .script(ProjectPaths.guestScript("capabilities.sh"))
                            .boot();
        }

        guest.requireSuccess();
        assertThat(guest.lines("FAIL")).isEmpty();
        assertThat(shown(guest)).containsSubsequence(EXPECTED);
        assertThat(capabilities(guest)).hasSize(7);
        assertThat(device.resets())
                .containsOnlyOnce(ResetReason.FUNCTION_LEVEL_RESET)
                .endsWith(ResetReason.FUNCTION_LEVEL_RESET, ResetReason.CLIENT_GONE);
    }

    private static List<String> shown(GuestResult guest) {
        return guest.lines("LSPCI ").stream()
                .map(line -> line.substring("LSPCI ".length()).strip().replaceAll("\\s+", " "))
                .map(line -> line.replaceFirst("Memory at [0-9a-f]+", "Memory at ADDRESS"))
                .toList();
    }

    private static List<String> capabilities(GuestResult guest) {
        return shown(guest).stream().filter(line -> line.startsWith("Capabilities: ")).toList();
    }
}
