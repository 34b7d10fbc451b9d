package io.vfiouser.cli.pci;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Both capability lists of a function. The peer made them, so they may point anywhere, or in a
/// circle: the walk ends at the first entry that cannot be.
final class CapabilityList {
    private static final int STATUS = 0x06;
    private static final int HAS_LIST = 4;
    private static final int POINTER = 0x34;

    private final ConfigImage config;
    private final List<Capability> entries = new ArrayList<>();
    private Optional<String> damage = Optional.empty();

    private CapabilityList(ConfigImage config) {
        this.config = config;
    }

    static CapabilityList of(ConfigImage config) {
        var list = new CapabilityList(config);
        if (config.bit(STATUS, HAS_LIST)) {
            list.walkStandard();
        }
        list.walkExtended();
        return list;
    }

    /// The entries in list order, standard ones first.
    List<Capability> entries() {
        return entries;
    }

    /// Why the walk ended early, if it did.
    Optional<String> damage() {
        return damage;
    }

    private void walkStandard() {
        int at = config.u8(POINTER) & ~3;
        while (at != 0) {
            if (at < ConfigImage.HEADER_SIZE || at + 2 > config.size() || seen(at, false)) {
                stop("capability at 0x%02x".formatted(at), "a new one, 0x40 or above");
                return;
            }
            entries.add(new Capability(at, config.u8(at), 0, false));
            at = config.u8(at + 1) & ~3;
        }
    }

    private void walkExtended() {
        int at = ConfigImage.EXTENDED_START;
        if (config.size() < at + 4 || config.u32(at) == 0 || config.u32(at) == 0xffff_ffffL) {
            return;
        }
        while (at != 0) {
            if (at < ConfigImage.EXTENDED_START || at + 4 > config.size() || seen(at, true)) {
                stop("extended capability at 0x%03x".formatted(at), "a new one, 0x100 or above");
                return;
            }
            long header = config.u32(at);
            if ((header & 0xffff) != 0) {
                entries.add(
                        new Capability(
                                at, (int) header & 0xffff, (int) (header >> 16) & 0xf, true));
            }
            at = (int) (header >> 20) & ~3;
        }
    }

    private boolean seen(int offset, boolean extended) {
        return entries.stream()
                .anyMatch(entry -> entry.offset() == offset && entry.extended() == extended);
    }

    private void stop(String what, String expected) {
        if (damage.isEmpty()) {
            damage = Optional.of("%s (expected: %s)".formatted(what, expected));
        }
    }
}
