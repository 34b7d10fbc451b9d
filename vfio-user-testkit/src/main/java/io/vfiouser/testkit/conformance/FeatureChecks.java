package io.vfiouser.testkit.conformance;

import io.vfiouser.os.Errno;
import java.util.List;

/// DEVICE_FEATURE, MIG_DATA_READ and MIG_DATA_WRITE: what every server refuses, and what one whose
/// device cannot migrate does.
final class FeatureChecks {
    private static final int GET = 0x1_0000;
    private static final int SET = 0x2_0000;
    private static final int PROBE = 0x4_0000;
    private static final int MIGRATION = 1;
    private static final int STATE = 2;
    private static final String REFUSED = "refused with EINVAL";

    private FeatureChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("DEVICE_FEATURE", "VFIO_USER_DEVICE_FEATURE");
        for (int feature : new int[] {0, 3, 9, 0xffff}) {
            group.check(
                    "feature " + feature,
                    REFUSED,
                    peer -> {
                        for (int operation : new int[] {GET, SET, PROBE | GET, PROBE | SET}) {
                            peer.refuses(data(feature | operation), Errno.EINVAL);
                        }
                    });
        }
        group.check("no operation", REFUSED, peer -> peer.refuses(data(MIGRATION), Errno.EINVAL));
        group.check(
                "GET and SET together",
                REFUSED,
                peer -> peer.refuses(data(STATE | GET | SET), Errno.EINVAL));
        group.check(
                "SET of what can only be read",
                REFUSED,
                peer -> peer.refuses(data(MIGRATION | SET), Errno.EINVAL));
        group.check(
                "migration features of a device that cannot migrate",
                REFUSED,
                peer -> {
                    cannotMigrate(peer);
                    peer.refuses(data(MIGRATION | GET), Errno.EINVAL);
                    peer.refuses(data(MIGRATION | GET | PROBE), Errno.EINVAL);
                    peer.refuses(data(STATE | GET), Errno.EINVAL);
                    peer.refuses(data(STATE | SET).set32(8, 1), Errno.EINVAL);
                });
        group.check(
                "migration data of a device that cannot migrate",
                REFUSED,
                peer -> {
                    cannotMigrate(peer);
                    peer.refuses(Commands.migDataRead(72, 64), Errno.EINVAL);
                    peer.refuses(Commands.migDataWrite(12, 4, new byte[4]), Errno.EINVAL);
                });
        return group.checks();
    }

    private static void cannotMigrate(Peer peer) {
        NotApplicableException.unless(
                !peer.serverCapabilities().migration().supported(), "the device can migrate");
    }

    private static RawCommand data(int flags) {
        return Commands.feature(flags, 16).zeros(8);
    }
}
