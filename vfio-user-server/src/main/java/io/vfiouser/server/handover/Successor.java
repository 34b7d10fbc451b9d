package io.vfiouser.server.handover;

import io.vfiouser.device.Device;
import io.vfiouser.server.options.ServiceOptions;
import java.util.Objects;

/// What goes on in the place of a [Predecessor].
///
/// @param device of the same layout, new and unused; becomes the server's, which closes it in the
///   end, also if the takeover fails
/// @param service how it is served
public record Successor(Device device, ServiceOptions service) {
    /// Checks for presence.
    public Successor {
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(service, "service");
    }
}
