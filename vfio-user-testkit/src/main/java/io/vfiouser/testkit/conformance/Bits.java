package io.vfiouser.testkit.conformance;

import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.WireFormat;

/// Flags and indexes that many checks need, short enough to be read in a line.
final class Bits {
    static final int DMA_READ_WRITE = DmaFlags.READ | DmaFlags.WRITE;
    static final int UNMAP_ALL = 2;

    static final int TRIGGER_NONE = WireFormat.IRQ_ACTION_TRIGGER | WireFormat.IRQ_DATA_NONE;
    static final int TRIGGER_BOOL = WireFormat.IRQ_ACTION_TRIGGER | WireFormat.IRQ_DATA_BOOL;
    static final int TRIGGER_EVENTFD = WireFormat.IRQ_ACTION_TRIGGER | WireFormat.IRQ_DATA_EVENTFD;
    static final int MASK_NONE = WireFormat.IRQ_ACTION_MASK | WireFormat.IRQ_DATA_NONE;
    static final int MASK_BOOL = WireFormat.IRQ_ACTION_MASK | WireFormat.IRQ_DATA_BOOL;
    static final int UNMASK_NONE = WireFormat.IRQ_ACTION_UNMASK | WireFormat.IRQ_DATA_NONE;
    static final int UNMASK_BOOL = WireFormat.IRQ_ACTION_UNMASK | WireFormat.IRQ_DATA_BOOL;
    static final int UNMASK_EVENTFD = WireFormat.IRQ_ACTION_UNMASK | WireFormat.IRQ_DATA_EVENTFD;

    static final int CONFIG = 7;
    static final int PCI_REGIONS = 9;

    static final int INTX = 0;
    static final int MSIX = 2;
    static final int ERR = 3;
    static final int REQ = 4;
    static final int PCI_IRQS = 5;

    /// A byte of config space that every PCI device keeps as it is written.
    static final int INTERRUPT_LINE = 0x3c;

    private Bits() {}
}
