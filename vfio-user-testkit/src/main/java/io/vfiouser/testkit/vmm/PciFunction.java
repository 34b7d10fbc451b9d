package io.vfiouser.testkit.vmm;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.DeviceSetIrqs;
import io.vfiouser.protocol.IrqAction;
import io.vfiouser.protocol.IrqData;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/// The device as an operating system shows it to a driver: who it is, its BARs, its interrupts.
///
/// One kind of interrupt is enabled at a time; to enable another disables the one before.
public final class PciFunction {
    static final int INTX = 0;
    static final int MSI = 1;
    static final int MSIX = 2;

    private static final int CONTROL = 2;
    private static final int MSI_ENABLE = 1;
    private static final int MSIX_ENABLE = 1 << 15;
    private static final int MSIX_COUNT = 0x7ff;

    private final Link link;
    private final PciConfig config;
    private final List<PciBar> bars;
    private List<GuestInterrupt> interrupts = List.of();
    private int kind = INTX;

    PciFunction(Link link, List<PciBar> bars) {
        this.link = link;
        this.config = new PciConfig(link);
        this.bars = bars;
    }

    /// The vendor id, 16 bits.
    public int vendor() {
        return (int) config.read(PciConfig.VENDOR, Short.BYTES);
    }

    /// The device id, 16 bits.
    public int device() {
        return (int) config.read(PciConfig.DEVICE, Short.BYTES);
    }

    /// Class, subclass and programming interface, 24 bits, such as 0x010802.
    public int classCode() {
        return (int) (config.read(PciConfig.CLASS, Integer.BYTES) >>> Byte.SIZE);
    }

    /// The BARs that there are, by number.
    public List<PciBar> bars() {
        return bars;
    }

    /// One BAR.
    ///
    /// @param index 0 to 5
    /// @throws AssertionError if the device has none of that number
    public PciBar bar(int index) {
        return bars.stream()
                .filter(bar -> bar.index() == index)
                .findFirst()
                .orElseThrow(() ->
                        new AssertionError("BAR" + index + " (expected: one of " + bars + ")"));
    }

    /// Reads config space.
    ///
    /// @param width bytes: 1, 2 or 4
    public long readConfig(int offset, int width) {
        return config.read(offset, width);
    }

    /// Writes config space.
    ///
    /// @param width bytes: 1, 2 or 4
    public void writeConfig(int offset, int width, long value) {
        config.write(offset, width, value);
    }

    /// Where a capability is in config space.
    ///
    /// @param id such as 0x05 for MSI
    public OptionalInt capability(int id) {
        return config.capability(id);
    }

    /// Lets the device answer at its BARs and reach memory: Memory Space, I/O Space and Bus Master
    /// of the command register, where it has such BARs.
    public void enable() {
        int decode = PciConfig.BUS_MASTER;
        for (PciBar bar : bars) {
            decode |= bar.isIo() ? PciConfig.IO_SPACE : PciConfig.MEMORY_SPACE;
        }
        changeCommand(0, decode);
    }

    /// Keeps the device from its BARs and from memory.
    public void disable() {
        changeCommand(PciConfig.BUS_MASTER | PciConfig.IO_SPACE | PciConfig.MEMORY_SPACE, 0);
    }

    /// Uses the interrupt pin.
    ///
    /// @throws AssertionError if the device has none
    public GuestInterrupt enableIntx() {
        if (config.read(PciConfig.INTERRUPT_PIN, 1) == 0) {
            throw new AssertionError("interrupt pin: 0 (expected: 1 to 4)");
        }
        List<GuestInterrupt> pin = arm(INTX, 1);
        changeCommand(PciConfig.INTX_DISABLE, 0);
        return pin.getFirst();
    }

    /// Uses MSI.
    ///
    /// @param count 1, 2, 4, 8, 16 or 32
    /// @return the messages, by number
    /// @throws AssertionError if the device has no MSI, or fewer messages
    public List<GuestInterrupt> enableMsi(int count) {
        int at = require("MSI", PciConfig.MSI);
        int control = (int) config.read(at + CONTROL, Short.BYTES);
        requireCount("MSI", count, 1 << (control >>> 1 & 7));
        List<GuestInterrupt> messages = arm(MSI, count);
        int log = Integer.numberOfTrailingZeros(count);
        config.write(at + CONTROL, Short.BYTES, (control & ~0x70) | log << 4 | MSI_ENABLE);
        return messages;
    }

    /// Uses MSI-X. The table stays with the machine, as it does with a real VMM.
    ///
    /// @param count at least 1
    /// @return the vectors, by number
    /// @throws AssertionError if the device has no MSI-X, or fewer vectors
    public List<GuestInterrupt> enableMsix(int count) {
        int at = require("MSI-X", PciConfig.MSIX);
        int control = (int) config.read(at + CONTROL, Short.BYTES);
        requireCount("MSI-X", count, (control & MSIX_COUNT) + 1);
        List<GuestInterrupt> vectors = arm(MSIX, count);
        config.write(at + CONTROL, Short.BYTES, control | MSIX_ENABLE);
        return vectors;
    }

    /// Uses no interrupts.
    public void disableInterrupts() {
        if (interrupts.isEmpty()) {
            return;
        }
        switch (kind) {
            case MSI -> clearControl(PciConfig.MSI, MSI_ENABLE);
            case MSIX -> clearControl(PciConfig.MSIX, MSIX_ENABLE);
            default -> changeCommand(0, PciConfig.INTX_DISABLE);
        }
        link.client()
                .setIrqs(
                        new DeviceSetIrqs(kind, 0, 0, IrqAction.TRIGGER, new IrqData.None()),
                        FdBundle.empty());
        closeInterrupts();
    }

    /// Gives a server the eventfds of all interrupts.
    void armAll(VfioUserClient client) {
        interrupts.forEach(interrupt -> interrupt.arm(client));
    }

    void closeInterrupts() {
        interrupts.forEach(GuestInterrupt::close);
        interrupts = List.of();
    }

    private List<GuestInterrupt> arm(int newKind, int count) {
        disableInterrupts();
        List<GuestInterrupt> all = new ArrayList<>();
        IntStream.range(0, count).forEach(i -> all.add(new GuestInterrupt(link, newKind, i)));
        kind = newKind;
        interrupts = List.copyOf(all);
        armAll(link.client());
        return interrupts;
    }

    private int require(String what, int id) {
        return config.capability(id)
                .orElseThrow(() ->
                        new AssertionError(
                                "capability 0x%02x: none (expected: %s)".formatted(id, what)));
    }

    private static void requireCount(String what, int count, int most) {
        if (count < 1 || count > most) {
            throw new AssertionError(
                    "%s: %d vectors (expected: 1 to %d)".formatted(what, count, most));
        }
    }

    private void clearControl(int id, int bits) {
        int at = require("interrupts", id);
        int control = (int) config.read(at + CONTROL, Short.BYTES);
        config.write(at + CONTROL, Short.BYTES, control & ~bits);
    }

    private void changeCommand(int clear, int set) {
        int command = (int) config.read(PciConfig.COMMAND, Short.BYTES);
        config.write(PciConfig.COMMAND, Short.BYTES, (command & ~clear) | set);
    }
}
