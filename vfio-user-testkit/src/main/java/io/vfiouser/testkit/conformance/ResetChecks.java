package io.vfiouser.testkit.conformance;

import io.vfiouser.os.EventFd;
import java.util.List;

/// DEVICE_RESET.
final class ResetChecks {
    private ResetChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("DEVICE_RESET", "VFIO_USER_DEVICE_RESET");
        group.check(
                "a reset, and another",
                "done, with a reply of a header only",
                peer -> {
                    reset(peer);
                    reset(peer);
                });
        group.check(
                "eventfds",
                "stay as they are",
                peer -> {
                    Vectors vectors = Vectors.most(peer, 1);
                    EventFd eventFd = vectors.arm(0);
                    reset(peer);
                    vectors.fires(0, eventFd);
                });
        group.check(
                "DMA regions",
                "stay mapped",
                peer -> {
                    peer.succeeds(Commands.dmaMap(0x1000, 0x1000));
                    reset(peer);
                    peer.succeeds(Commands.dmaUnmap(0, 0x1000, 0x1000));
                });
        group.check(
                "commands right behind it",
                "answered after it",
                peer -> {
                    NotApplicableException.unless(
                            peer.target().canReset(), "the device has no reset");
                    RawCommand info = Commands.getInfo().id(2);
                    peer.send(Commands.reset(), info);
                    peer.goodReplyTo(Commands.reset());
                    peer.goodReplyTo(info);
                });
        return group.checks();
    }

    private static void reset(Peer peer) {
        NotApplicableException.unless(peer.target().canReset(), "the device has no reset");
        peer.succeeds(Commands.reset()).checkLength(0);
    }
}
