package io.vfiouser.server.handover;

import java.util.List;

/// What a process says of itself that can be taken over.
///
/// @param pid its process id
/// @param note from its [HandoverOptions]
/// @param devices all that it serves
public record HandoverOffer(long pid, String note, List<Predecessor> devices) {
    /// Copies the list.
    public HandoverOffer {
        devices = List.copyOf(devices);
    }
}
