package io.vfiouser.cli.demo;

import io.vfiouser.cli.failure.CommandException;
import io.vfiouser.cli.pci.ConfigImage;
import io.vfiouser.cli.pci.FunctionText;
import io.vfiouser.client.RemoteIrq;
import io.vfiouser.client.VfioUserClient;
import java.time.Duration;

/// What any driver does first with a PCI function.
final class Driver {
    private static final int CONFIG = 7;
    private static final int HEADER_SIZE = 0x40;
    private static final int COMMAND = 0x04;
    private static final int IO_MEMORY_AND_BUS_MASTER = 0x7;

    /// Index of the interrupt pin's type.
    static final int INTX = 0;

    /// Index of the MSI-X type.
    static final int MSIX = 2;

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final VfioUserClient client;
    private final DemoLog log;

    Driver(VfioUserClient client, DemoLog log) {
        this.client = client;
        this.log = log;
    }

    /// Reads the header and lets the function decode its BARs and do DMA.
    void enable(int vendor, int device) {
        var header = new ConfigImage(client.readBytes(CONFIG, 0, HEADER_SIZE));
        log.expect("vendor id", vendor, header.u16(0x00));
        log.expect("device id", device, header.u16(0x02));
        client.write(CONFIG, COMMAND, Short.BYTES, IO_MEMORY_AND_BUS_MASTER);
        log.step("config space", FunctionText.title(header));
    }

    /// Arms an interrupt, does what should cause it, and waits for it.
    ///
    /// @param type [#INTX] or [#MSIX]
    /// @return how long it took from cause to interrupt, for people
    String interrupt(int type, int vector, Runnable cause) {
        RemoteIrq irq = client.irq(type, vector);
        irq.arm();
        long start = System.nanoTime();
        cause.run();
        if (irq.await(PATIENCE) == 0) {
            throw new CommandException(
                    "demo: %s: no interrupt (expected: one within %d s)"
                            .formatted(irq, PATIENCE.toSeconds()));
        }
        return DemoLog.since(start);
    }
}
