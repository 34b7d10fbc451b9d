package io.vfiouser.trace.proxy;

import io.vfiouser.filters.DeviceFilter;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.server.observe.MessageTap;
import io.vfiouser.trace.RegisterNames;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/// How a proxy treats what passes.
///
/// @param tap sees each message, as the client sees it
/// @param dialect what client and server speak
/// @param filters make what stands around the device for each client, outermost first; may be empty
/// @param dmaByMessages whether client memory is made known to the server without its files, so
///   that a server that can reaches for it by messages, which are seen and filtered
/// @param names of the device's registers
/// @param maxClients how many may be connected at once, 1 to 65536; those beyond are disconnected
public record ProxyOptions(
        Optional<MessageTap> tap,
        Dialect dialect,
        List<Supplier<DeviceFilter>> filters,
        boolean dmaByMessages,
        RegisterNames names,
        int maxClients) {
    /// The largest limit of clients.
    public static final int MOST_CLIENTS = 1 << 16;

    /// Passes everything on, unseen, for 64 clients at most.
    public static final ProxyOptions DEFAULTS =
            new ProxyOptions(
                    Optional.empty(),
                    Dialect.CURRENT,
                    List.of(),
                    false,
                    RegisterNames.CONFIG_ONLY,
                    64);

    /// Copies the list.
    ///
    /// @throws IllegalArgumentException if `maxClients` is out of its range
    public ProxyOptions {
        Objects.requireNonNull(tap, "tap");
        Objects.requireNonNull(dialect, "dialect");
        Objects.requireNonNull(names, "names");
        filters = List.copyOf(filters);
        if (maxClients < 1 || maxClients > MOST_CLIENTS) {
            throw new IllegalArgumentException(
                    "maxClients: %d (expected: 1 to %d)".formatted(maxClients, MOST_CLIENTS));
        }
    }

    /// The same with a tap.
    public ProxyOptions withTap(MessageTap sees) {
        return new ProxyOptions(
                Optional.of(sees), dialect, filters, dmaByMessages, names, maxClients);
    }

    /// The same for another dialect.
    public ProxyOptions withDialect(Dialect spoken) {
        return new ProxyOptions(tap, spoken, filters, dmaByMessages, names, maxClients);
    }

    /// The same with filters. `dma-fault` and what else stands before client memory sees what the
    /// server does by messages only.
    public ProxyOptions withFilters(List<Supplier<DeviceFilter>> outermostFirst) {
        return new ProxyOptions(tap, dialect, outermostFirst, dmaByMessages, names, maxClients);
    }

    /// The same with the server's accesses to client memory by messages, or as it likes.
    public ProxyOptions withDmaByMessages(boolean only) {
        return new ProxyOptions(tap, dialect, filters, only, names, maxClients);
    }

    /// The same for a device whose registers have names.
    public ProxyOptions withNames(RegisterNames known) {
        return new ProxyOptions(tap, dialect, filters, dmaByMessages, known, maxClients);
    }

    /// The same for so many clients at once.
    public ProxyOptions withMaxClients(int most) {
        return new ProxyOptions(tap, dialect, filters, dmaByMessages, names, most);
    }
}
