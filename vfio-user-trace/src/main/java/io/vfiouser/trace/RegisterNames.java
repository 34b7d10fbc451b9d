package io.vfiouser.trace;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.region.Register;
import io.vfiouser.filters.FilteredRegion;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The names of a device's regions and registers, by region index.
public final class RegisterNames {
    private static final int CONFIG = 7;
    private static final int MAX_CONFIG_SIZE = 4096;

    /// Only what every PCI function has: the header of the config space.
    public static final RegisterNames CONFIG_ONLY =
            new RegisterNames(List.of(FilteredRegion.config(MAX_CONFIG_SIZE)));

    private final Map<Integer, FilteredRegion> regions = new HashMap<>();

    private RegisterNames(List<FilteredRegion> all) {
        all.forEach(region -> regions.put(region.index(), region));
    }

    /// The names that a device gives in its layout.
    public static RegisterNames of(DeviceLayout layout) {
        return new RegisterNames(FilteredRegion.of(layout));
    }

    /// The regions with the registers that are known; the index of each is its number on the wire.
    public static RegisterNames of(List<FilteredRegion> regions) {
        return new RegisterNames(regions);
    }

    /// The regions that are known.
    public List<FilteredRegion> regions() {
        return List.copyOf(regions.values());
    }

    /// `BAR0` to `BAR5`, `ROM`, `config`, `VGA`, or `region 9`.
    ///
    /// @param region an unsigned number
    public static String regionName(int region) {
        return switch (region) {
            case 0, 1, 2, 3, 4, 5 -> "BAR" + region;
            case 6 -> "ROM";
            case CONFIG -> FilteredRegion.CONFIG;
            case 8 -> "VGA";
            default -> "region " + Integer.toUnsignedString(region);
        };
    }

    /// The register that an access goes to, such as `OUT0_7`, or `CAP+0x4` for a part of one; empty
    /// if it goes to none, to several, or to one without a name.
    public Optional<String> register(int region, long offset, long length) {
        return Optional.ofNullable(regions.get(region))
                .flatMap(known -> known.registerPlace(offset, length));
    }

    /// The register that has a byte, if it is known.
    public Optional<Register> registerAt(int region, long offset) {
        return Optional.ofNullable(regions.get(region))
                .flatMap(known -> {
                    int number = known.registerNumber(offset);
                    return number < 0
                            ? Optional.empty()
                            : Optional.of(known.registers().get(number));
                });
    }
}
