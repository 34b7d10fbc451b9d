package io.vfiouser.cli.plan;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.ByteSize;
import io.vfiouser.cli.text.Durations;
import io.vfiouser.cli.text.Quoted;
import io.vfiouser.cli.text.Suggestion;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.server.options.AllowedPeers;
import io.vfiouser.server.options.GiveUp;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.options.SecondClient;
import io.vfiouser.server.options.ServiceOptions;
import io.vfiouser.server.state.StateDirectory;
import io.vfiouser.server.state.StateException;
import io.vfiouser.transport.SocketPermissions;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// How devices are served, as options of `serve` and keys of its config file say it.
///
/// @param service what their clients may use and how they are treated
/// @param permissions of the sockets' files
public record ServiceTerms(ServiceOptions service, SocketPermissions permissions) {
    /// Nothing said.
    public static final ServiceTerms DEFAULT =
            new ServiceTerms(ServiceOptions.defaults(), SocketPermissions.DEFAULT);

    /// What a device of a config file can have besides its limits; the options of `serve` have the
    /// same names.
    public static final List<String> KEYS =
            List.of(
                    "socket-mode",
                    "socket-owner",
                    "socket-group",
                    "allow-uid",
                    "allow-gid",
                    "second-client",
                    "pad-errors",
                    "bus-master-required",
                    "give-up",
                    "state",
                    "dialect");

    private static final List<String> LIMITS =
            Arrays.stream(Limit.values()).map(Limit::toString).toList();

    /// The same terms with one of [#KEYS] set; users and groups that are allowed add up.
    ///
    /// @param where what stands before the key in messages
    /// @throws UsageException for an unknown key or a value that does not fit
    public ServiceTerms with(String where, String key, String value) {
        String name = where + key;
        return switch (key) {
            case "socket-mode" -> permissions(permissions.withMode(mode(name, value)));
            case "socket-owner" -> permissions(permissions.withOwner(value));
            case "socket-group" -> permissions(permissions.withGroup(value));
            case "allow-uid" -> allowing(ids(name, value), Set.of());
            case "allow-gid" -> allowing(Set.of(), ids(name, value));
            case "second-client" -> service(service.withSecondClient(second(name, value)));
            case "pad-errors" -> service(service.withPadErrors(yesOrNo(name, value)));
            case "bus-master-required" ->
                    service(service.withBusMasterRequired(yesOrNo(name, value)));
            case "give-up" -> service(service.withGiveUp(giveUp(name, value)));
            case "state" -> service(service.withStateDirectory(directory(name, value)));
            case "dialect" -> withDialect(dialect(name, value));
            default ->
                    throw new UsageException(
                            "%s (expected: %s)".formatted(name, String.join(", ", KEYS)));
        };
    }

    /// The limit that was meant, or all there are.
    private static String nearest(String limit) {
        String near = Suggestion.clause(limit, LIMITS);
        return near.isEmpty() ? ": one of " + String.join(", ", LIMITS) : near;
    }

    /// The same terms with another value of a limit.
    ///
    /// @param where what stands before the limit in messages
    /// @throws UsageException for an unknown limit or a value that does not fit
    public ServiceTerms withLimit(String where, String limit, String value) {
        Limit known =
                Arrays.stream(Limit.values())
                        .filter(one -> one.toString().equals(limit))
                        .findFirst()
                        .orElseThrow(() ->
                                new UsageException(
                                        "%s%s (expected: a limit%s)"
                                                .formatted(
                                                        where, Quoted.of(limit), nearest(limit))));
        Optional<Long> number =
                known.unit() == Limit.Unit.NANOSECONDS
                        ? Durations.parse(value).map(Duration::toNanos)
                        : ByteSize.parse(value);
        if (number.isEmpty()) {
            throw new UsageException(
                    "%s%s: %s (expected: %s)"
                            .formatted(where, limit, Quoted.of(value), example(known.unit())));
        }
        try {
            return service(service.withLimits(service.limits().with(known, number.orElseThrow())));
        } catch (IllegalArgumentException e) {
            throw new UsageException(where + e.getMessage(), e);
        }
    }

    /// The same terms for clients that speak `dialect`.
    public ServiceTerms withDialect(Dialect dialect) {
        return service(service.withDialect(dialect));
    }

    private ServiceTerms permissions(SocketPermissions those) {
        return new ServiceTerms(service, those);
    }

    private ServiceTerms service(ServiceOptions those) {
        return new ServiceTerms(those, permissions);
    }

    private ServiceTerms allowing(Set<Integer> uids, Set<Integer> gids) {
        AllowedPeers before = service.allowedPeers();
        return service(
                service.withAllowedPeers(
                        new AllowedPeers(union(before.uids(), uids), union(before.gids(), gids))));
    }

    private static Set<Integer> union(Set<Integer> some, Set<Integer> more) {
        Set<Integer> all = new HashSet<>(some);
        all.addAll(more);
        return all;
    }

    private static int mode(String name, String value) {
        if (!value.matches("0?[0-7]{3}")) {
            throw expected(name, value, "an octal mode from 000 to 777, as in 0660");
        }
        return Integer.parseInt(value, 8);
    }

    private static Set<Integer> ids(String name, String value) {
        Set<Integer> ids = new HashSet<>();
        for (String id : value.split(",", -1)) {
            try {
                ids.add(Integer.parseUnsignedInt(id.strip()));
            } catch (NumberFormatException e) {
                throw new UsageException(
                        "%s: %s (expected: numbers, as in 107,108)"
                                .formatted(name, Quoted.of(value)),
                        e);
            }
        }
        return ids;
    }

    private static SecondClient second(String name, String value) {
        return switch (value) {
            case "wait" -> SecondClient.WAITS;
            case "refuse" -> SecondClient.IS_REFUSED;
            default -> throw expected(name, value, "wait or refuse");
        };
    }

    private static GiveUp giveUp(String name, String value) {
        return switch (value) {
            case "never" -> GiveUp.NEVER;
            case "error" -> GiveUp.ON_ERROR;
            case "exception" -> GiveUp.ON_EXCEPTION;
            default -> throw expected(name, value, "never, error or exception");
        };
    }

    private static Path directory(String name, String value) {
        try {
            return StateDirectory.at(Path.of(value)).path();
        } catch (InvalidPathException | StateException e) {
            throw new UsageException(name + ": " + e.getMessage(), e);
        }
    }

    private static Dialect dialect(String name, String value) {
        return switch (value) {
            case "current" -> Dialect.CURRENT;
            case "legacy" -> Dialect.LEGACY;
            default -> throw expected(name, value, "current or legacy");
        };
    }

    private static boolean yesOrNo(String name, String value) {
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw expected(name, value, "true or false");
        };
    }

    private static String example(Limit.Unit unit) {
        return switch (unit) {
            case COUNT -> "a number";
            case BYTES -> "a size, as in 64K";
            case NANOSECONDS -> "a time, as in 5s";
        };
    }

    private static UsageException expected(String name, String value, String what) {
        return new UsageException("%s: %s (expected: %s)".formatted(name, Quoted.of(value), what));
    }
}
