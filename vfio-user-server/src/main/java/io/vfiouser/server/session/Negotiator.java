package io.vfiouser.server.session;

import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.Capabilities.TwinSocket;
import io.vfiouser.protocol.Version;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.server.dma.DirtyLog;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.options.Limits;

/// Answers VERSION (spec: "VFIO_USER_VERSION"). The reply names few keys: QEMU accepts no reply
/// that is longer than its own request.
final class Negotiator {
    private static final Capabilities.Migration MIGRATION =
            Capabilities.Migration.of(DirtyLog.SMALLEST_PAGE);

    private Negotiator() {}

    /// Whether the client asks for a second socket and can take its descriptor.
    static boolean grantsTwinSocket(Version request) {
        Capabilities client = request.capabilities();
        return client.twinSocket().supported() && client.maxMsgFds() >= 1;
    }

    /// The reply to a client's VERSION.
    ///
    /// @param migrates whether the device can migrate; the dirty page log then takes pages from
    ///   [DirtyLog#SMALLEST_PAGE] on, whatever the client's `pgsize`
    /// @throws RequestRejectedException `ENOTSUP` for another major version
    static Version.Reply reply(Version request, Limits limits, boolean migrates) {
        if (request.major() != WireFormat.MAJOR_VERSION) {
            throw new RequestRejectedException(
                    Errno.ENOTSUP,
                    "version: "
                            + request.major()
                            + "."
                            + request.minor()
                            + " (expected: major "
                            + WireFormat.MAJOR_VERSION
                            + ")");
        }
        TwinSocket twin = grantsTwinSocket(request) ? new TwinSocket(true, 0) : TwinSocket.NONE;
        Capabilities offered =
                Capabilities.DEFAULTS
                        .withMaxMsgFds(limits.count(Limit.ANNOUNCED_DESCRIPTORS))
                        .withMaxDataXferSize(limits.count(Limit.MAX_TRANSFER_SIZE))
                        .withMaxDmaMaps(Math.min(limits.count(Limit.MAX_DMA_REGIONS), 0xffff))
                        .withMigration(migrates ? MIGRATION : Capabilities.Migration.NONE)
                        .withTwinSocket(twin)
                        .withWriteMultiple(request.capabilities().writeMultiple());
        return new Version.Reply(
                WireFormat.MAJOR_VERSION,
                Math.min(request.minor(), WireFormat.MINOR_VERSION),
                offered);
    }
}
