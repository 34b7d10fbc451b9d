package io.vfiouser.server.handover;

import java.util.Map;

/// Makes the devices that go on in the place of others.
@FunctionalInterface
public interface Succession {
    /// Makes a device for each of those offered. Runs while the other process still serves, so it
    /// may take its time; what two processes cannot have at once waits
    /// ([io.vfiouser.device.migration.Takeover]).
    ///
    /// @return by name, exactly one for each device offered; what this throws ends the takeover,
    ///   which closes nothing of what was made
    Map<String, Successor> successors(HandoverOffer offer);
}
