package io.vfiouser.trace.proxy;

import io.vfiouser.filters.DeviceFilter;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.server.observe.MessageTap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/// How a proxy treats what passes.
///
/// @param tap sees each message, as the client sees it
/// @param dialect what client and server speak
/// @param filters make what stands before the regions of each client, outermost first; may be empty
public record ProxyOptions(
        Optional<MessageTap> tap, Dialect dialect, List<Supplier<DeviceFilter>> filters) {
    /// Passes everything on, unseen.
    public static final ProxyOptions DEFAULTS =
            new ProxyOptions(Optional.empty(), Dialect.CURRENT, List.of());

    /// Copies the list.
    public ProxyOptions {
        Objects.requireNonNull(tap, "tap");
        Objects.requireNonNull(dialect, "dialect");
        filters = List.copyOf(filters);
    }

    /// The same with a tap.
    public ProxyOptions withTap(MessageTap sees) {
        return new ProxyOptions(Optional.of(sees), dialect, filters);
    }

    /// The same for another dialect.
    public ProxyOptions withDialect(Dialect spoken) {
        return new ProxyOptions(tap, spoken, filters);
    }

    /// The same with filters. Those work that stand before regions: `delay`, `error`, `log`,
    /// `rate`, `stats`, `stuck-bit`, `surprise-removal`, not those that stand before interrupts and
    /// memory.
    public ProxyOptions withFilters(List<Supplier<DeviceFilter>> outermostFirst) {
        return new ProxyOptions(tap, dialect, outermostFirst);
    }
}
