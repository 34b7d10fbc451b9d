package io.vfiouser.server.pci;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.pci.ConfigSpace;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.pci.PlacedCapability;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/// The config space of one function, as its [DeviceLayout] says: a type 0 header and the layout's
/// capabilities (PCI Local Bus Specification 3.0, chapter 6; PCI Express Base Specification 3.0,
/// chapter 7). `docs/config-space.md` lists what each register does.
///
/// A client may access any bytes, in any number and at any alignment. Its write changes the bits
/// that are writable and leaves the others; no write within the space is refused. Once a write is
/// applied as a whole, the [ConfigSpaceListener] is told what it brought about.
///
/// Accesses belong to the device's loop; the views from [#busMaster()] on may be asked on any
/// thread.
public final class ConfigSpaceEngine implements ConfigSpace {
    private static final int MSI = 0x05;
    private static final int MSIX = 0x11;

    private final RegisterImage registers;
    private final List<PlacedCapability> capabilities;
    private final List<WatchedRegisters> watched = new ArrayList<>();
    private final ConfigSpaceListener listener;
    private final int msi;
    private final int msix;
    private final int msiVectors;
    private final VectorMasks msiMasks;

    /// The config space of a layout, as after a reset.
    ///
    /// @param listener told of what clients' writes bring about
    public ConfigSpaceEngine(DeviceLayout layout, ConfigSpaceListener listener) {
        this.listener = Objects.requireNonNull(listener, "listener");
        registers = new RegisterImage(layout.type().configSpaceSize());
        HeaderRegisters.describe(layout, registers);
        BarRegisters.describe(layout, registers);
        watch(HeaderRegisters.COMMAND, CommandEffect.SIZE, new CommandEffect());
        capabilities = layout.capabilities();
        for (PlacedCapability placed : capabilities) {
            var image = CapabilityImage.of(placed.capability());
            registers.include(placed.offset(), image.registers());
            watch(placed.offset(), image.registers().size(), image.effect());
        }
        CapabilityList.link(capabilities, registers);
        msi = findCapability(MSI);
        msix = findCapability(MSIX);
        msiVectors =
                layout.capability(PciCapability.Msi.class)
                        .map(PciCapability.Msi::vectors)
                        .orElse(0);
        msiMasks =
                layout.capability(PciCapability.Msi.class)
                        .filter(PciCapability.Msi::perVectorMasking)
                        .<VectorMasks>map(capability -> new MsiMasks(registers, msi, capability))
                        .orElse(VectorMasks.NONE);
    }

    @Override
    public int size() {
        return registers.size();
    }

    @Override
    public int read(int offset, int width) {
        checkWidth(width);
        checkRange(offset, width);
        return registers.value(offset, width);
    }

    @Override
    public void write(int offset, int width, int value) {
        checkWidth(width);
        checkRange(offset, width);
        registers.store(offset, width, value);
    }

    @Override
    public int findNextCapability(int after, int id) {
        return PlacedCapability.find(capabilities, false, after, id);
    }

    @Override
    public int findNextExtendedCapability(int after, int id) {
        return PlacedCapability.find(capabilities, true, after, id);
    }

    /// A client reads as many bytes as `into` has.
    ///
    /// @throws IndexOutOfBoundsException past the end
    public void clientRead(int offset, MemorySegment into) {
        checkRange(offset, into.byteSize());
        registers.read(offset, into);
    }

    /// A client writes as many bytes as `from` has.
    ///
    /// @throws IndexOutOfBoundsException past the end; nothing is written then
    public void clientWrite(int offset, MemorySegment from) {
        checkRange(offset, from.byteSize());
        int end = offset + (int) from.byteSize();
        for (int i = 0; i < watched.size(); i++) {
            if (watched.get(i).touchedBy(offset, end)) {
                watched.get(i).sample(registers);
            }
        }
        registers.write(offset, from);
        ConfigEvent event = ConfigEvent.NONE;
        for (int i = 0; i < watched.size(); i++) {
            if (watched.get(i).touchedBy(offset, end)) {
                event = event.then(watched.get(i).settle(registers));
            }
        }
        event.tell(listener);
    }

    /// Puts back all that clients can change, as power-on does: command register and BARs 0, MSI
    /// and MSI-X off, power state D0, vendor bytes as in the layout. What is pending is forgotten.
    /// What the device itself wrote to read-only bits stays. Tells nobody.
    public void reset() {
        registers.reset();
        forgetInterrupts();
    }

    /// As [#reset()], but sticky registers (advanced error reporting) keep what they have: what a
    /// function-level reset and the way from D3hot to D0 do.
    public void resetFunction() {
        registers.resetFunction();
        forgetInterrupts();
    }

    @Override
    public boolean busMaster() {
        return isSet(HeaderRegisters.COMMAND, HeaderRegisters.COMMAND_BUS_MASTER);
    }

    /// Whether INTx is to stay silent by the command register's bit 10.
    public boolean intxDisabled() {
        return isSet(HeaderRegisters.COMMAND, HeaderRegisters.COMMAND_INTX_DISABLE);
    }

    /// Shows in the status register's bit 3 whether INTx is asserted. Callable from any thread.
    public void setInterruptStatus(boolean asserted) {
        if (asserted) {
            registers.setBits(HeaderRegisters.STATUS, HeaderRegisters.STATUS_INTERRUPT);
        } else {
            registers.clearBits(HeaderRegisters.STATUS, HeaderRegisters.STATUS_INTERRUPT);
        }
    }

    @Override
    public boolean messageInterruptsEnabled() {
        return msiEnabled() || msixEnabled();
    }

    /// Whether MSI is enabled; false without the capability.
    public boolean msiEnabled() {
        return msi != 0 && isSet(msi + MsiRegisters.CONTROL, MsiRegisters.ENABLE);
    }

    /// The mask and pending bits of MSI; [VectorMasks#NONE] if it has none.
    public VectorMasks msiMasks() {
        return msiMasks;
    }

    /// Whether MSI-X is enabled; false without the capability.
    public boolean msixEnabled() {
        return msix != 0 && isSet(msix + MsixRegisters.CONTROL, MsixRegisters.ENABLE);
    }

    /// Whether the function mask masks all vectors of MSI-X; false without the capability.
    public boolean msixFunctionMasked() {
        return msix != 0 && isSet(msix + MsixRegisters.CONTROL, MsixRegisters.FUNCTION_MASK);
    }

    /// Writes what the registers have now.
    public void save(ImageWriter out) {
        registers.save(out);
    }

    /// Takes over what [#save] wrote; tells nobody.
    public void restore(ImageReader in) {
        registers.restore(in);
    }

    /// Writes what the registers are, which is the same for devices that can replace each other.
    public void describe(ImageWriter out) {
        registers.describe(out);
    }

    private void forgetInterrupts() {
        setInterruptStatus(false);
        for (int vector = 0; vector < msiVectors; vector++) {
            msiMasks.showPending(vector, false);
        }
    }

    private void watch(int at, int size, WriteEffect effect) {
        if (!effect.equals(WriteEffect.NONE)) {
            watched.add(new WatchedRegisters(at, size, effect));
        }
    }

    private boolean isSet(int offset, int bit) {
        return (registers.value(offset, 2) & bit) != 0;
    }

    private void checkRange(int offset, long count) {
        if (offset < 0 || count > size() - (long) offset) {
            throw new IndexOutOfBoundsException(
                    String.format(
                            Locale.ROOT,
                            "offset: 0x%x, count: %d (expected: end <= 0x%x)",
                            offset,
                            count,
                            size()));
        }
    }

    private static void checkWidth(int width) {
        if (width != 1 && width != 2 && width != 4) {
            throw new IllegalArgumentException("width: " + width + " (expected: 1, 2 or 4)");
        }
    }
}
