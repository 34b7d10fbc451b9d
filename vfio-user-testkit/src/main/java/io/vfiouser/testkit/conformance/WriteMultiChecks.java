package io.vfiouser.testkit.conformance;

import static io.vfiouser.testkit.conformance.Bits.CONFIG;
import static io.vfiouser.testkit.conformance.Bits.INTERRUPT_LINE;

import io.vfiouser.os.Errno;
import java.util.List;

/// REGION_WRITE_MULTI.
final class WriteMultiChecks {
    private static final int MANY = 200;

    private WriteMultiChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("REGION_WRITE_MULTI", "VFIO_USER_REGION_WRITE_MULTI");
        group.check(
                "without write_multiple in VERSION",
                "refused with EINVAL",
                peer -> {
                    NotApplicableException.unless(
                            !peer.serverCapabilities().writeMultiple(), "it was announced");
                    peer.refuses(
                            Commands.entry(Commands.writeMulti(1), CONFIG, INTERRUPT_LINE, 1, 1),
                            Errno.EINVAL);
                });
        group.check(
                "a number of writes that differs from the payload",
                "refused with EINVAL",
                peer -> {
                    for (long count : new long[] {0, 2, 1L << 32, -1, 0x0aaa_aaaa_aaaa_aaabL}) {
                        peer.refuses(
                                Commands.entry(
                                        Commands.writeMulti(count), CONFIG, INTERRUPT_LINE, 1, 1),
                                Errno.EINVAL);
                    }
                });
        group.check(
                "a write of more than 8 bytes",
                "refused with EINVAL",
                peer ->
                        peer.refuses(
                                Commands.entry(
                                        Commands.writeMulti(1), CONFIG, INTERRUPT_LINE, 9, 1),
                                Errno.EINVAL));
        group.check(
                "several writes",
                "done in order; the reply has their number",
                peer -> {
                    announced(peer);
                    RawCommand multi = Commands.writeMulti(MANY);
                    for (int i = 1; i <= MANY; i++) {
                        Commands.entry(multi, CONFIG, INTERRUPT_LINE, 1, i);
                    }
                    Answer reply = peer.succeeds(multi);
                    reply.checkLength(8);
                    Difference.check("writes", (long) MANY, reply.u64(0));
                    checkLine(peer, MANY);
                });
        group.check(
                "no writes",
                "done",
                peer -> {
                    announced(peer);
                    Difference.check("writes", 0L, peer.succeeds(Commands.writeMulti(0)).u64(0));
                });
        group.check(
                "a write that is refused behind one that is done",
                "the reply has the number done; nothing behind it is done",
                peer -> {
                    announced(peer);
                    RawCommand multi = Commands.writeMulti(3);
                    Commands.entry(multi, CONFIG, INTERRUPT_LINE, 1, 0x11);
                    Commands.entry(multi, CONFIG, 1L << 40, 1, 0x22);
                    Commands.entry(multi, CONFIG, INTERRUPT_LINE, 1, 0x33);
                    Difference.check("writes", 1L, peer.succeeds(multi).u64(0));
                    checkLine(peer, 0x11);
                });
        group.check(
                "posted, as QEMU sends it",
                "done before a later read",
                peer -> {
                    announced(peer);
                    RawCommand multi = Commands.writeMulti(2).noReply();
                    Commands.entry(multi, CONFIG, INTERRUPT_LINE, 1, 0x44);
                    Commands.entry(multi, CONFIG, INTERRUPT_LINE, 1, 0x55);
                    peer.send(multi);
                    checkLine(peer, 0x55);
                });
        return group.checks();
    }

    private static void announced(Peer peer) {
        NotApplicableException.unless(
                peer.serverCapabilities().writeMultiple(),
                "the server does not announce write_multiple");
    }

    private static void checkLine(Peer peer, int value) {
        Answer read = peer.succeeds(Commands.regionRead(CONFIG, INTERRUPT_LINE, 1));
        Difference.checkHex("interrupt line", value, read.u8(16));
    }
}
