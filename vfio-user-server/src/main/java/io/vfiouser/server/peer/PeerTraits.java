package io.vfiouser.server.peer;

import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.Version;

/// What a client's VERSION tells of how it takes DMA_READ and DMA_WRITE.
///
/// @param maxRead bytes of data in the reply to one DMA_READ, at least 1
/// @param maxWrite bytes of data in one DMA_WRITE, at least 1
/// @param mayBeNarrow whether it may speak the narrow dialect of QEMU
public record PeerTraits(int maxRead, int maxWrite, boolean mayBeNarrow) {
    /// QEMU's client (10.1 to 11.1 at least) sends each message with one call that does not wait,
    /// and takes one that was cut short for a whole one. So its messages have to be such that Linux
    /// takes all or nothing: what fits in one buffer of a UNIX socket, which is some 47 KiB.
    private static final int MAX_READ_OF_QEMU = 32 << 10;

    /// Those of a client.
    ///
    /// QEMU takes no more than this server has announced, and no more than it has announced itself.
    ///
    /// @param client what it sent as VERSION
    /// @param maxTransferSize what this server takes
    public static PeerTraits of(Version client, int maxTransferSize) {
        Capabilities capabilities = client.capabilities();
        int most = Math.min(maxTransferSize, capabilities.maxDataXferSize());
        boolean qemu = client.minor() == 0 && capabilities.writeMultiple();
        return new PeerTraits(qemu ? Math.min(most, MAX_READ_OF_QEMU) : most, most, qemu);
    }
}
