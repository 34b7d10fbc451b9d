package io.vfiouser.testkit.conformance;

import io.vfiouser.os.Errno;
import java.util.List;

/// Command numbers that no client may send.
final class UnknownCommandChecks {
    private static final String REFUSED = "refused with EINVAL; the session goes on";

    private UnknownCommandChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("unknown commands", "Commands");
        for (int command : new int[] {0, 14, 19, 20, 255, 0x8000, 0xffff}) {
            group.check(
                    "command " + command,
                    REFUSED,
                    peer -> {
                        peer.refuses(RawCommand.of(command), Errno.EINVAL);
                        peer.refuses(RawCommand.of(command).zeros(24), Errno.EINVAL);
                    });
        }
        for (int command : new int[] {11, 12}) {
            group.check(
                    "command " + command + ", which only servers send",
                    REFUSED,
                    peer ->
                            peer.refuses(
                                    RawCommand.of(command).u64(0x1000).u64(8).zeros(8),
                                    Errno.EINVAL));
        }
        group.check(
                "an unknown command with descriptors",
                "refused with EINVAL; the descriptors are closed",
                peer ->
                        peer.refuses(
                                RawCommand.of(99).zeros(8),
                                Peer.strayDescriptors(3),
                                Errno.EINVAL));
        group.check(
                "an unknown command with 64 KiB of payload",
                "refused with EINVAL; the payload is skipped",
                peer -> peer.refuses(RawCommand.of(99).zeros(1 << 16), Errno.EINVAL));
        return group.checks();
    }
}
