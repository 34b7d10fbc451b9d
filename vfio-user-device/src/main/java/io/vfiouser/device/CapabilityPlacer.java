package io.vfiouser.device;

import io.vfiouser.device.pci.ExtendedCapability;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.pci.PciType;
import io.vfiouser.device.pci.PlacedCapability;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Decides where the capabilities of a layout lie: first those with a position of their own, then
/// each of the others where it first fits, in the order of the layout.
final class CapabilityPlacer {
    /// The position of a capability that may lie anywhere.
    static final int ANYWHERE = 0;

    private static final int STANDARD_START = 0x40;
    private static final int EXTENDED_START = 0x100;
    private static final int ALIGNMENT = 4;

    /// Vendor-specific, HyperTransport.
    private static final Set<Integer> REPEATABLE = Set.of(0x09, 0x08);

    /// Vendor-specific, designated vendor-specific.
    private static final Set<Integer> REPEATABLE_EXTENDED = Set.of(0x000b, 0x0023);

    private final PciType type;
    private final List<PlacedCapability> placed = new ArrayList<>();

    private CapabilityPlacer(PciType type) {
        this.type = type;
    }

    /// A capability that is to be placed.
    ///
    /// @param position where it starts, or [#ANYWHERE]
    record Wish(int position, PciCapability capability) {}

    /// The capabilities with their places, in list order: standard ones, then extended ones, each
    /// by address.
    ///
    /// @throws IllegalArgumentException if they do not go together, or not with the type
    static List<PlacedCapability> place(PciType type, List<Wish> wishes) {
        var placer = new CapabilityPlacer(type);
        wishes.forEach(wish -> placer.checkKind(wish.capability(), wishes));
        for (Wish wish : wishes) {
            if (wish.position() != ANYWHERE) {
                placer.placeAt(wish.position(), wish.capability());
            }
        }
        for (Wish wish : wishes) {
            if (wish.position() == ANYWHERE) {
                placer.placeAnywhere(wish.capability());
            }
        }
        placer.placed.sort(Comparator.comparingInt(PlacedCapability::offset));
        placer.checkHead();
        return placer.placed;
    }

    private void checkKind(PciCapability capability, List<Wish> wishes) {
        if (capability.isExtended() && type.configSpaceSize() <= EXTENDED_START) {
            throw new IllegalArgumentException(
                    name(capability)
                            + ": type "
                            + type
                            + " has 256 bytes of config space (expected: EXPRESS or PCI_X_2)");
        }
        boolean needsExpress =
                capability instanceof PciCapability.Express
                        || capability instanceof ExtendedCapability.AdvancedErrorReporting;
        if (needsExpress && type != PciType.EXPRESS) {
            throw new IllegalArgumentException(
                    name(capability) + ": type " + type + " (expected: EXPRESS)");
        }
        Set<Integer> repeatable = capability.isExtended() ? REPEATABLE_EXTENDED : REPEATABLE;
        long same = wishes.stream().filter(wish -> sameKind(wish.capability(), capability)).count();
        if (same > 1 && !repeatable.contains(capability.id())) {
            throw new IllegalArgumentException(
                    name(capability) + ": " + same + " times (expected: once)");
        }
    }

    private void placeAt(int position, PciCapability capability) {
        int start = start(capability);
        int end = end(capability);
        if (position % ALIGNMENT != 0) {
            throw refused(capability, position, "a multiple of 4");
        }
        if (position < start || position > end - capability.size()) {
            throw refused(
                    capability, position, String.format(Locale.ROOT, "0x%x to 0x%x", start, end));
        }
        Optional<PlacedCapability> other = inTheWay(position, capability);
        if (other.isPresent()) {
            throw refused(
                    capability,
                    position,
                    String.format(
                            Locale.ROOT,
                            "no overlap with %s at 0x%x to 0x%x",
                            name(other.get().capability()),
                            other.get().offset(),
                            other.get().end()));
        }
        placed.add(new PlacedCapability(position, capability));
    }

    private void placeAnywhere(PciCapability capability) {
        int end = end(capability);
        for (int at = start(capability); at <= end - capability.size(); ) {
            Optional<PlacedCapability> other = inTheWay(at, capability);
            if (other.isEmpty()) {
                placed.add(new PlacedCapability(at, capability));
                return;
            }
            at = (other.get().end() + ALIGNMENT - 1) & -ALIGNMENT;
        }
        throw new IllegalArgumentException(
                String.format(
                        Locale.ROOT,
                        "%s: %d bytes (expected: as many free between 0x%x and 0x%x; taken: %s)",
                        name(capability),
                        capability.size(),
                        start(capability),
                        end,
                        taken(capability.isExtended())));
    }

    /// The extended list has no pointer to its head: it starts at 0x100.
    private void checkHead() {
        placed.stream()
                .filter(entry -> entry.capability().isExtended())
                .findFirst()
                .filter(head -> head.offset() != EXTENDED_START)
                .ifPresent(head -> {
                    throw refused(
                            head.capability(),
                            head.offset(),
                            "an extended capability at 0x100, where the list begins");
                });
    }

    private Optional<PlacedCapability> inTheWay(int position, PciCapability capability) {
        return placed.stream()
                .filter(other ->
                        position < other.end() && position + capability.size() > other.offset())
                .findFirst();
    }

    private String taken(boolean extended) {
        return String.join(
                ", ",
                placed.stream()
                        .filter(entry -> entry.capability().isExtended() == extended)
                        .sorted(Comparator.comparingInt(PlacedCapability::offset))
                        .map(entry ->
                                String.format(
                                        Locale.ROOT, "0x%x to 0x%x", entry.offset(), entry.end()))
                        .toList());
    }

    private int start(PciCapability capability) {
        return capability.isExtended() ? EXTENDED_START : STANDARD_START;
    }

    private int end(PciCapability capability) {
        return capability.isExtended() ? type.configSpaceSize() : EXTENDED_START;
    }

    private static boolean sameKind(PciCapability one, PciCapability other) {
        return one.id() == other.id() && one.isExtended() == other.isExtended();
    }

    private static IllegalArgumentException refused(
            PciCapability capability, int position, String expected) {
        return new IllegalArgumentException(
                String.format(
                        Locale.ROOT,
                        "%s at 0x%x: %d bytes (expected: %s)",
                        name(capability),
                        position,
                        capability.size(),
                        expected));
    }

    private static String name(PciCapability capability) {
        return String.format(
                Locale.ROOT,
                capability.isExtended() ? "extended capability 0x%04x" : "capability 0x%02x",
                capability.id());
    }
}
