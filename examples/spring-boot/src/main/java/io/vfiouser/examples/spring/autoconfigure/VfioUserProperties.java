package io.vfiouser.examples.spring.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// How devices are served: `vfio-user.*`.
///
/// @param directory where sockets are; made, for its owner alone, if it is not there
/// @param eventLoops how many threads serve devices if the application has no `EventLoopGroup`
/// @param grace how long guests may take to let go of devices when the application ends
/// @param metricsInterval how often meters are made for what has been counted first
/// @param devices of each device that is not as all others, by the name of its bean
@ConfigurationProperties("vfio-user")
public record VfioUserProperties(
        @DefaultValue("/run/vfio-user") Path directory,
        @DefaultValue("1") int eventLoops,
        @DefaultValue("5s") Duration grace,
        @DefaultValue("10s") Duration metricsInterval,
        @DefaultValue Map<String, OfDevice> devices) {
    /// Copies the map.
    public VfioUserProperties {
        devices = Map.copyOf(devices);
    }

    /// What one device has of its own.
    ///
    /// @param socket where clients connect
    public record OfDevice(Path socket) {}

    /// Where the clients of a device connect.
    Path socketOf(String name) {
        OfDevice own = devices.get(name);
        return own != null ? own.socket() : directory.resolve(name + ".sock");
    }
}
