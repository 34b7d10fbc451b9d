package io.vfiouser.testkit;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.region.Region;
import io.vfiouser.device.region.Register;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The registers of all BARs by name.
final class RegisterMap {
    /// Registers lie below this offset.
    private static final long MAX_OFFSET = 1 << 20;

    private final Map<String, Place> places = new LinkedHashMap<>();

    RegisterMap(DeviceLayout layout) {
        new TreeMap<>(layout.bars()).forEach((index, bar) -> add(index, bar.region()));
    }

    /// Where a register is.
    ///
    /// @param name as in the device's data sheet, or `BAR2.name` where several BARs have it
    Place find(String name) {
        Place place = places.get(name);
        if (place == null) {
            throw new IllegalArgumentException(
                    "register: " + name + " (expected: one of " + places.keySet() + ")");
        }
        return place;
    }

    private void add(int bar, Region region) {
        long end = Math.min(region.size(), MAX_OFFSET);
        for (long at = 0; at < end; ) {
            Optional<Register> register = region.handler().registerAt(at);
            if (register.isPresent()) {
                var place = new Place(bar, register.get());
                places.put("BAR" + bar + "." + register.get().name(), place);
                places.putIfAbsent(register.get().name(), place);
            }
            at = register.map(Register::end).orElse(at + 1);
        }
    }

    /// One register of one BAR.
    record Place(int bar, Register register) {}
}
