package io.vfiouser.testkit.conformance;

import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.WireFormat;
import java.util.List;

/// The 16 bytes in front of every message.
final class HeaderChecks {
    private HeaderChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("header", "Header");
        for (int type : new int[] {2, 7, 15}) {
            group.check(
                    "message type " + type,
                    "refused with EINVAL, or the connection closed",
                    peer -> {
                        peer.send(Commands.getInfo().headerFlags(type));
                        peer.refusedOrClosed();
                    });
        }
        group.check(
                        "a reply that nobody waits for",
                        "dropped, or the connection closed",
                        HeaderChecks::unsolicitedReply)
                .reference(
                        "EINVAL, and the stream is out of step",
                        peer -> {
                            peer.send(Commands.getInfo().headerFlags(WireFormat.TYPE_REPLY));
                            peer.refusedOrClosed();
                        });
        for (int size : new int[] {0, 1, 15}) {
            group.check(
                    "message size " + size,
                    "refused with EINVAL, or the connection closed",
                    peer -> {
                        peer.send(Commands.getInfo().statedSize(size));
                        peer.refusedOrClosed();
                    });
        }
        for (long size : new long[] {0x20_0000, 0x7fff_ffff, 0x8000_0000L, 0xffff_ffffL}) {
            group.check(
                    "message size 0x%x".formatted(size),
                    "refused with EINVAL, or the connection closed, before the bytes come",
                    peer -> oversized(peer, size));
        }
        addAccepted(group);
        return group.checks();
    }

    private static void addAccepted(CheckGroup group) {
        for (int id : new int[] {0, 1, 0x7fff, 0x8000, 0xffff}) {
            group.check(
                    "message id 0x%x".formatted(id),
                    "echoed in the reply",
                    peer -> peer.succeeds(Commands.getInfo().id(id)));
        }
        group.check(
                "reserved flags",
                "ignored",
                peer -> {
                    for (int bit = 6; bit < Integer.SIZE; bit++) {
                        peer.succeeds(Commands.getInfo().headerFlags(1 << bit));
                    }
                });
        group.check(
                "the error flag and an errno in a command",
                "ignored: they belong to replies",
                peer -> peer.succeeds(Commands.getInfo().headerFlags(0x20).headerError(5)));
        group.check(
                "a good reply",
                "type 1, no other flag, error 0",
                peer -> {
                    Answer reply = peer.succeeds(Commands.getInfo());
                    Difference.checkHex("flags", 1, reply.header().flags());
                });
        group.check(
                "an error reply",
                "flags 0x21, the errno, a header only",
                peer -> {
                    Answer reply = peer.call(Commands.irqInfo(Bits.PCI_IRQS));
                    Difference.checkHex("flags", 0x21, reply.header().flags());
                    Difference.check("error field", 22, reply.header().error());
                    reply.checkLength(0);
                });
    }

    private static void unsolicitedReply(Peer peer) {
        peer.send(Commands.getInfo().headerFlags(WireFormat.TYPE_REPLY).id(0x1234));
        try {
            peer.inStep();
        } catch (Difference difference) {
            Difference.check(peer.isClosed(), "dropped, or a closed connection", difference.seen());
        }
    }

    private static void oversized(Peer peer, long size) {
        byte[] message = Commands.getInfo().statedSize(size).toBytes();
        peer.send(message, FdBundle.empty());
        peer.refusedOrClosed();
        peer.nextClient().inStep();
    }
}
