package io.vfiouser.testkit.conformance;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/// One named question to a server, asked on a connection of its own by [ConformanceSuite#run].
public final class ConformanceCheck {
    private final String group;
    private final String section;
    private final String name;
    private final String specification;
    private final boolean negotiated;
    private final Consumer<Peer> body;
    private Optional<Reference> reference = Optional.empty();

    ConformanceCheck(
            String group,
            String section,
            String name,
            String specification,
            boolean negotiated,
            Consumer<Peer> body) {
        this.group = Objects.requireNonNull(group, "group");
        this.section = Objects.requireNonNull(section, "section");
        this.name = Objects.requireNonNull(name, "name");
        this.specification = Objects.requireNonNull(specification, "specification");
        this.negotiated = negotiated;
        this.body = Objects.requireNonNull(body, "body");
    }

    /// A command of the protocol, or a theme such as `order`.
    public String group() {
        return group;
    }

    /// The section of the specification, by its title.
    public String section() {
        return section;
    }

    /// What is sent or done, unique within the group.
    public String name() {
        return name;
    }

    /// What a server does by the specification or, where that is silent, what clients rely on.
    public String specification() {
        return specification;
    }

    /// What the C library does, if that is something else.
    public Optional<String> reference() {
        return reference.map(Reference::text);
    }

    /// Group and name.
    @Override
    public String toString() {
        return group + ": " + name;
    }

    /// Adds what the C library does instead.
    ///
    /// @param behaviour fails unless a server does that
    @CanIgnoreReturnValue
    ConformanceCheck reference(String text, Consumer<Peer> behaviour) {
        reference = Optional.of(new Reference(text, behaviour));
        return this;
    }

    /// Whether VERSION has been exchanged when the body starts.
    boolean negotiated() {
        return negotiated;
    }

    Consumer<Peer> body() {
        return body;
    }

    Optional<Consumer<Peer>> referenceBody() {
        return reference.map(Reference::behaviour);
    }

    private record Reference(String text, Consumer<Peer> behaviour) {}
}
