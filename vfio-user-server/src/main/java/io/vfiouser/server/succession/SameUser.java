package io.vfiouser.server.succession;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.PeerCredentials;
import io.vfiouser.os.UnixSockets;
import io.vfiouser.server.handover.TakeoverException;

/// Who may be at the other end: processes of our own user, and nobody else.
final class SameUser {
    private SameUser() {}

    /// @throws TakeoverException if it is another user's
    static PeerCredentials check(PeerCredentials peer) {
        int ours = uid();
        if (peer.uid() != ours) {
            throw new TakeoverException(
                    "uid: %s (expected: %s, our own)"
                            .formatted(
                                    Integer.toUnsignedString(peer.uid()),
                                    Integer.toUnsignedString(ours)));
        }
        return peer;
    }

    private static int uid() {
        FileDescriptor[] pair = UnixSockets.pair();
        try {
            return PeerCredentials.of(pair[0]).uid();
        } finally {
            Descriptors.close(pair[0]);
            Descriptors.close(pair[1]);
        }
    }
}
