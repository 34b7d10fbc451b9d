package io.vfiouser.trace.replay;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Places whose values may differ from those of a recording, as users name them.
///
/// @param names such as `BAR0 TIME`, `BAR2+0x10`, `config STATUS`
record IgnoredPlaces(Set<String> names) {
    /// Copies the set.
    IgnoredPlaces {
        names = Set.copyOf(names);
    }

    /// Several names in one text, with `;` between them.
    static IgnoredPlaces parse(String text) {
        return new IgnoredPlaces(
                Arrays.stream(text.split(";"))
                        .map(String::strip)
                        .filter(name -> !name.isEmpty())
                        .collect(Collectors.toSet()));
    }

    /// Whether an access goes to one of them.
    ///
    /// @param region its name
    /// @param register where it goes, if that has a name
    boolean has(String region, long offset, Optional<String> register) {
        return names.contains(region + "+0x" + Long.toHexString(offset))
                || register.filter(name -> names.contains(region + " " + name)).isPresent();
    }
}
