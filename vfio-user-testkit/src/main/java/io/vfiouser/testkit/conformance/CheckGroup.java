package io.vfiouser.testkit.conformance;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Gathers the checks of one command or theme.
final class CheckGroup {
    private final String group;
    private final String section;
    private final List<ConformanceCheck> checks = new ArrayList<>();

    /// @param section title in the specification
    CheckGroup(String group, String section) {
        this.group = group;
        this.section = section;
    }

    /// Adds a check that starts after VERSION.
    ///
    /// @param specification what the server does, as a phrase that follows the name
    @CanIgnoreReturnValue
    ConformanceCheck check(String name, String specification, Consumer<Peer> body) {
        return add(name, specification, true, body);
    }

    /// Adds a check that starts with a bare connection.
    @CanIgnoreReturnValue
    ConformanceCheck beforeVersion(String name, String specification, Consumer<Peer> body) {
        return add(name, specification, false, body);
    }

    List<ConformanceCheck> checks() {
        return List.copyOf(checks);
    }

    private ConformanceCheck add(
            String name, String specification, boolean negotiated, Consumer<Peer> body) {
        var check = new ConformanceCheck(group, section, name, specification, negotiated, body);
        checks.add(check);
        return check;
    }
}
