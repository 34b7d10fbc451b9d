package io.vfiouser.testkit.vmm;

import java.util.OptionalInt;

/// Config space as software reaches it (PCI Local Bus specification 3.0, chapter 6).
final class PciConfig {
    /// Its region index.
    static final int REGION = 7;

    static final int VENDOR = 0x00;
    static final int DEVICE = 0x02;
    static final int COMMAND = 0x04;
    static final int CLASS = 0x08;
    static final int BAR0 = 0x10;
    static final int INTERRUPT_LINE = 0x3c;
    static final int INTERRUPT_PIN = 0x3d;

    static final int IO_SPACE = 1;
    static final int MEMORY_SPACE = 1 << 1;
    static final int BUS_MASTER = 1 << 2;
    static final int INTX_DISABLE = 1 << 10;

    static final int MSI = 0x05;
    static final int MSIX = 0x11;

    private static final int STATUS = 0x06;
    private static final int HAS_CAPABILITIES = 1 << 4;
    private static final int FIRST_CAPABILITY = 0x34;
    private static final int MAX_CAPABILITIES = 48;

    private final Link link;

    PciConfig(Link link) {
        this.link = link;
    }

    long read(int offset, int width) {
        return link.read(REGION, offset, width);
    }

    void write(int offset, int width, long value) {
        link.write(REGION, offset, width, value);
    }

    /// Where a capability is.
    ///
    /// @throws AssertionError if the list of capabilities has no end
    OptionalInt capability(int id) {
        if ((read(STATUS, 2) & HAS_CAPABILITIES) == 0) {
            return OptionalInt.empty();
        }
        int at = (int) read(FIRST_CAPABILITY, 1) & 0xfc;
        for (int i = 0; at != 0; i++) {
            if (i == MAX_CAPABILITIES) {
                throw new AssertionError(
                        "capabilities: more than "
                                + MAX_CAPABILITIES
                                + " (expected: a list that ends)");
            }
            if (read(at, 1) == id) {
                return OptionalInt.of(at);
            }
            at = (int) read(at + 1, 1) & 0xfc;
        }
        return OptionalInt.empty();
    }
}
