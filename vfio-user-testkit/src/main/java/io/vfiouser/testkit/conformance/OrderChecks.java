package io.vfiouser.testkit.conformance;

import static io.vfiouser.testkit.conformance.Bits.CONFIG;
import static io.vfiouser.testkit.conformance.Bits.INTERRUPT_LINE;

import io.vfiouser.os.Errno;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Commands are executed and answered in the order in which they come.
final class OrderChecks {
    private static final int MANY = 300;
    private static final int UNREAD_BYTES = 1 << 20;

    private OrderChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("order", "Commands");
        group.check(
                MANY + " commands of all kinds without waiting",
                "answered in order, errors too",
                peer -> pipeline(peer, false));
        group.check(
                MANY + " commands in one system call",
                "answered in order, errors too",
                peer -> pipeline(peer, true));
        group.check(
                "the same id for all commands, as of SPDK",
                "answered in order",
                peer -> {
                    RawCommand info = Commands.getInfo().id(0);
                    RawCommand irq = Commands.irqInfo(0).id(0);
                    RawCommand line = Commands.regionRead(CONFIG, 0, 4).id(0);
                    peer.send(info, irq, line, irq, info);
                    for (RawCommand each : List.of(info, irq, line, irq, info)) {
                        peer.goodReplyTo(each);
                    }
                });
        group.check(
                "a write before a read",
                "is seen by it, without waiting for the reply in between",
                peer -> {
                    for (int i = 0; i < 100; i++) {
                        RawCommand write = write(i);
                        RawCommand read = Commands.regionRead(CONFIG, INTERRUPT_LINE, 1);
                        peer.send(write, read);
                        peer.goodReplyTo(write);
                        Difference.checkHex("interrupt line", i, peer.goodReplyTo(read).u8(16));
                    }
                });
        group.check(
                "posted writes before a read",
                "are done when it is answered",
                peer -> {
                    for (int i = 0; i < MANY; i++) {
                        peer.send(write(i & 0xff).noReply());
                    }
                    Answer read = peer.succeeds(Commands.regionRead(CONFIG, INTERRUPT_LINE, 1));
                    Difference.checkHex("interrupt line", (MANY - 1) & 0xff, read.u8(16));
                });
        group.check(
                "replies that nobody reads for a while",
                "are all there when they are read",
                OrderChecks::unreadReplies);
        return group.checks();
    }

    private static void pipeline(Peer peer, boolean glued) {
        var commands = new ArrayList<RawCommand>();
        for (int i = 0; i < MANY; i++) {
            commands.add(kind(i).id(i));
        }
        if (glued) {
            peer.send(commands.toArray(RawCommand[]::new));
        } else {
            commands.forEach(peer::send);
        }
        for (int i = 0; i < MANY; i++) {
            if (isRefused(i)) {
                peer.refusalOf(commands.get(i), Errno.EINVAL);
            } else {
                peer.goodReplyTo(commands.get(i));
            }
        }
    }

    private static RawCommand kind(int i) {
        return switch (i % 7) {
            case 0 -> Commands.getInfo();
            case 1 -> Commands.regionInfo(CONFIG, 32);
            case 2 -> write(i & 0xff);
            case 3 -> RawCommand.of(99).zeros(i);
            case 4 -> Commands.regionRead(CONFIG, 0, 1 + i % 64);
            case 5 -> Commands.irqInfo(Bits.PCI_IRQS);
            default -> Commands.regionRead(CONFIG, INTERRUPT_LINE, 1);
        };
    }

    private static boolean isRefused(int i) {
        return i % 7 == 3 || i % 7 == 5;
    }

    /// As many replies as fill the sockets several times over.
    private static void unreadReplies(Peer peer) {
        int size = (int) peer.target().region(CONFIG).size();
        var reads = new RawCommand[UNREAD_BYTES / (size + 32)];
        Arrays.setAll(reads, i -> Commands.regionRead(CONFIG, 0, size).id(i));
        peer.setReading(false);
        peer.send(reads);
        peer.setReading(true);
        for (RawCommand read : reads) {
            peer.goodReplyTo(read);
        }
    }

    private static RawCommand write(int value) {
        return Commands.regionWrite(CONFIG, INTERRUPT_LINE, (byte) value);
    }
}
