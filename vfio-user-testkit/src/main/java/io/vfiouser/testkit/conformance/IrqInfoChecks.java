package io.vfiouser.testkit.conformance;

import io.vfiouser.os.Errno;
import io.vfiouser.protocol.WireFormat;
import java.util.List;

/// DEVICE_GET_IRQ_INFO.
final class IrqInfoChecks {
    private static final int EVENTFD = 1;

    private IrqInfoChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("DEVICE_GET_IRQ_INFO", "VFIO_USER_DEVICE_GET_IRQ_INFO");
        for (long index : new long[] {Bits.PCI_IRQS, 0x7fff_ffff, 0x8000_0000L, 0xffff_ffffL}) {
            group.check(
                    "index 0x%x".formatted(index),
                    "refused with EINVAL",
                    peer -> peer.refuses(Commands.irqInfo((int) index), Errno.EINVAL));
        }
        group.check(
                "all indexes",
                "answered with 16 bytes, argsz 16 and the index",
                peer -> {
                    for (int i = 0; i < peer.target().irqs().size(); i++) {
                        Answer info = peer.succeeds(Commands.irqInfo(i));
                        info.checkLength(WireFormat.IRQ_INFO_SIZE);
                        Difference.check("argsz", (long) WireFormat.IRQ_INFO_SIZE, info.u32(0));
                        Difference.check("index", (long) i, info.u32(8));
                    }
                });
        group.check(
                "a type that has vectors",
                "is signalled by eventfd",
                peer -> {
                    for (Target.IrqFacts irq : peer.target().irqs()) {
                        Difference.check(
                                irq.count() == 0 || (irq.flags().bits() & EVENTFD) != 0,
                                "EVENTFD flag",
                                "flags 0x%x".formatted(irq.flags().bits()));
                    }
                });
        return group.checks();
    }
}
