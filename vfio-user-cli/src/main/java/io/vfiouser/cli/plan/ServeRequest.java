package io.vfiouser.cli.plan;

import io.vfiouser.cli.failure.UsageException;
import java.util.List;
import java.util.Map;

/// Devices of one type with the same settings, as the user asked for them.
///
/// @param origin what stands before messages: empty, or file, line and path such as `fleet.yaml:4:
///   devices[1]: `
/// @param type name of the device type
/// @param socket path, or `fd=` with a number or name; `%d` in it stands for 0 to `count` - 1
/// @param count how many, 1 to 65536
/// @param settings values by key
/// @param filters what stands around each device, outermost first, as `NAME:KEY=VALUE,KEY=VALUE`
/// @param terms how they are served
public record ServeRequest(
        String origin,
        String type,
        String socket,
        int count,
        Map<String, String> settings,
        List<String> filters,
        ServiceTerms terms) {
    /// The most devices that one request may ask for.
    public static final int MAX_COUNT = 1 << 16;

    /// Copies settings and filters.
    public ServeRequest {
        filters = List.copyOf(filters);
        settings = Map.copyOf(settings);
    }

    /// Devices without filters that are served as usual.
    public ServeRequest(
            String origin, String type, String socket, int count, Map<String, String> settings) {
        this(origin, type, socket, count, settings, List.of(), ServiceTerms.DEFAULT);
    }

    UsageException refuse(String message) {
        return new UsageException(origin + message);
    }
}
