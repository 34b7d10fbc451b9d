package io.vfiouser.filters;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.pci.PciType;
import io.vfiouser.device.region.Region;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.device.region.Register;
import io.vfiouser.device.region.RegisterBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/// One region as filters see it, with the registers that its handler knows by name.
public final class FilteredRegion {
    /// The name of the PCI config space.
    public static final String CONFIG = "config";

    static final int ROM = 6;
    static final int VGA = 8;
    private static final int CONFIG_INDEX = 7;

    /// Registers lie below this offset.
    private static final long MAX_REGISTER_END = 1 << 20;

    private final String name;
    private final int index;
    private final long size;
    private final List<Register> registers;
    private final long[] starts;

    private FilteredRegion(String name, int index, long size, List<Register> registers) {
        this.name = name;
        this.index = index;
        this.size = size;
        this.registers = List.copyOf(registers);
        this.starts = registers.stream().mapToLong(Register::offset).toArray();
    }

    /// The regions of a device in order of their index, the config space last.
    public static List<FilteredRegion> of(DeviceLayout layout) {
        var regions = new ArrayList<FilteredRegion>();
        new TreeMap<>(layout.bars())
                .forEach((bar, of) -> regions.add(of("BAR" + bar, bar, of.region())));
        layout.rom().ifPresent(rom -> regions.add(of("ROM", ROM, rom)));
        layout.vga().ifPresent(vga -> regions.add(of("VGA", VGA, vga)));
        regions.add(config(layout.type() == PciType.CONVENTIONAL ? 256 : 4096));
        return List.copyOf(regions);
    }

    /// The config space, with the registers of its header.
    ///
    /// @param size 256 or 4096 bytes
    public static FilteredRegion config(long size) {
        return new FilteredRegion(CONFIG, CONFIG_INDEX, size, ConfigRegisters.all());
    }

    /// A region whose registers are known from elsewhere.
    ///
    /// @param registers in order of offset, without overlaps
    public static FilteredRegion of(String name, int index, long size, List<Register> registers) {
        return new FilteredRegion(name, index, size, registers);
    }

    static FilteredRegion of(String name, int index, Region region) {
        return new FilteredRegion(
                name, index, region.size(), registers(region.handler(), region.size()));
    }

    /// `BAR0` to `BAR5`, `ROM`, `VGA` or `config`.
    public String name() {
        return name;
    }

    /// Its index on the wire: 0 to 5 for the BARs, 6 ROM, 7 config space, 8 VGA.
    public int index() {
        return index;
    }

    /// Bytes.
    public long size() {
        return size;
    }

    /// Whether it is the config space, which faults leave alone unless they are told otherwise.
    public boolean isConfig() {
        return name.equals(CONFIG);
    }

    /// What its handler knows by name, in order of offset; may be empty.
    public List<Register> registers() {
        return registers;
    }

    /// The number within [#registers()] of the one that has this byte, or -1.
    public int registerNumber(long offset) {
        int low = 0;
        int high = starts.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (starts[middle] > offset) {
                high = middle - 1;
            } else if (registers.get(middle).end() <= offset) {
                low = middle + 1;
            } else {
                return middle;
            }
        }
        return -1;
    }

    /// The register with this name, if there is one.
    public Optional<Register> register(String registerName) {
        Objects.requireNonNull(registerName, "registerName");
        return registers.stream()
                .filter(register -> register.name().equals(registerName))
                .findFirst();
    }

    /// Where an access goes, in the words of the data sheet: `BAR2.OUT0_7` for a register,
    /// `BAR2.CAP+0x4` for a part of one, `BAR2+0x40` for anything else.
    ///
    /// @param length bytes of the access
    public String place(long offset, long length) {
        return registerPlace(offset, length)
                .map(place -> name + "." + place)
                .orElseGet(() -> name + hex(offset));
    }

    /// The same without the region: `OUT0_7`, `CAP+0x4`; empty if it is not within one register.
    public Optional<String> registerPlace(long offset, long length) {
        int number = registerNumber(offset);
        if (number < 0) {
            return Optional.empty();
        }
        Register register = registers.get(number);
        if (length > register.end() - offset) {
            return Optional.empty();
        }
        return register.offset() == offset && register.width() == length
                ? Optional.of(register.name())
                : Optional.of(register.name() + hex(offset - register.offset()));
    }

    @Override
    public String toString() {
        return name;
    }

    private static String hex(long offset) {
        return "+0x" + Long.toHexString(offset);
    }

    private static List<Register> registers(RegionHandler handler, long size) {
        if (handler instanceof RegisterBlock block) {
            return block.registers();
        }
        var found = new ArrayList<Register>();
        long end = Math.min(size, MAX_REGISTER_END);
        for (long at = 0; at < end; ) {
            Optional<Register> register = handler.registerAt(at);
            register.ifPresent(found::add);
            at = Math.max(at + 1, register.map(Register::end).orElse(0L));
        }
        return found;
    }
}
