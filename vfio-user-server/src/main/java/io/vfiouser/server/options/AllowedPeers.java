package io.vfiouser.server.options;

import io.vfiouser.os.PeerCredentials;
import java.util.Set;
import java.util.stream.Collectors;

/// Which processes may be clients, by the effective user and group that the kernel noted when they
/// connected (`SO_PEERCRED`); groups that they belong to besides do not count.
///
/// @param uids users; with `gids` empty too, everybody
/// @param gids groups; one of either kind is enough
public record AllowedPeers(Set<Integer> uids, Set<Integer> gids) {
    /// Everybody who may write to the socket's file.
    public static final AllowedPeers EVERYBODY = new AllowedPeers(Set.of(), Set.of());

    /// Copies the sets.
    public AllowedPeers {
        uids = Set.copyOf(uids);
        gids = Set.copyOf(gids);
    }

    /// Whether a process may be a client.
    public boolean allows(PeerCredentials peer) {
        return (uids.isEmpty() && gids.isEmpty())
                || uids.contains(peer.uid())
                || gids.contains(peer.gid());
    }

    @Override
    public String toString() {
        if (uids.isEmpty() && gids.isEmpty()) {
            return "everybody";
        }
        return "uid in %s or gid in %s".formatted(text(uids), text(gids));
    }

    private static String text(Set<Integer> ids) {
        return ids.stream()
                .sorted(Integer::compareUnsigned)
                .map(Integer::toUnsignedString)
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
