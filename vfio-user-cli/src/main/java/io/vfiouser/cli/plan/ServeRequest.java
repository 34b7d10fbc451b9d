package io.vfiouser.cli.plan;

import io.vfiouser.cli.failure.UsageException;
import java.util.Map;

/// Devices of one type with the same settings, as the user asked for them.
///
/// @param origin what stands before messages: empty, or file, line and path such as `fleet.yaml:4:
///   devices[1]: `
/// @param type name of the device type
/// @param socket path, or `fd=` with a number or name; `%d` in it stands for 0 to `count` - 1
/// @param count how many, 1 to 65536
/// @param settings values by key
/// @param terms how they are served
public record ServeRequest(
        String origin,
        String type,
        String socket,
        int count,
        Map<String, String> settings,
        ServiceTerms terms) {
    /// The most devices that one request may ask for.
    public static final int MAX_COUNT = 1 << 16;

    /// Copies the settings.
    public ServeRequest {
        settings = Map.copyOf(settings);
    }

    /// Devices that are served as usual.
    public ServeRequest(
            String origin, String type, String socket, int count, Map<String, String> settings) {
        this(origin, type, socket, count, settings, ServiceTerms.DEFAULT);
    }

    UsageException refuse(String message) {
        return new UsageException(origin + message);
    }
}
