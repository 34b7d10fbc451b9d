package io.vfiouser.testkit.conformance;

import io.vfiouser.protocol.WireFormat;
import java.util.List;

/// DEVICE_GET_INFO.
final class DeviceInfoChecks {
    private static final int PCI = 2;
    private static final int QEMU_MIN_IRQS = 3;

    private DeviceInfoChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("DEVICE_GET_INFO", "VFIO_USER_DEVICE_GET_INFO");
        group.check(
                "the reply",
                "16 bytes with argsz 16",
                peer -> {
                    Answer info = peer.succeeds(Commands.getInfo());
                    info.checkLength(WireFormat.DEVICE_INFO_SIZE);
                    Difference.check("argsz", (long) WireFormat.DEVICE_INFO_SIZE, info.u32(0));
                    Difference.check("descriptors", 0, info.descriptors().count());
                });
        group.check(
                "what a PCI device has",
                "the PCI flag, at least 9 regions and 3 interrupt types",
                peer -> {
                    Answer info = peer.succeeds(Commands.getInfo());
                    Difference.check((info.u32(4) & PCI) != 0, "PCI flag", "none");
                    Difference.check(
                            info.u32(8) >= Bits.PCI_REGIONS, "9 regions", "" + info.u32(8));
                    Difference.check(
                            info.u32(12) >= QEMU_MIN_IRQS, "3 interrupt types", "" + info.u32(12));
                });
        group.check(
                "a larger argsz, as of Cloud Hypervisor",
                "the same reply",
                peer -> {
                    RawCommand large = Commands.getInfo().set32(0, 32);
                    peer.succeeds(large).checkLength(WireFormat.DEVICE_INFO_SIZE);
                });
        return group.checks();
    }
}
