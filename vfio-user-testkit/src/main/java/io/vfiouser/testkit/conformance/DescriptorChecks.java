package io.vfiouser.testkit.conformance;

import static io.vfiouser.testkit.conformance.Bits.CONFIG;
import static io.vfiouser.testkit.conformance.Bits.INTERRUPT_LINE;

import io.vfiouser.os.Errno;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import java.util.List;
import java.util.function.Supplier;

/// Which message descriptors belong to, and descriptors that nobody asked for.
final class DescriptorChecks {
    private static final String CLOSED = "done; the descriptors are closed";
    private static final int KERNEL_LIMIT = 253;

    private DescriptorChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("descriptors", "Commands");
        stray(group, "DEVICE_GET_INFO", Commands::getInfo);
        stray(group, "DEVICE_GET_IRQ_INFO", () -> Commands.irqInfo(0));
        stray(group, "DEVICE_GET_REGION_INFO", () -> Commands.regionInfo(CONFIG, 32));
        stray(group, "REGION_READ", () -> Commands.regionRead(CONFIG, 0, 4));
        stray(group, "REGION_WRITE", () -> Commands.regionWrite(CONFIG, INTERRUPT_LINE, (byte) 1));
        group.check(
                "as many descriptors as the kernel passes",
                "closed; the command is done, or the connection ends",
                peer -> {
                    RawCommand info = Commands.getInfo();
                    peer.send(info, Peer.strayDescriptors(KERNEL_LIMIT));
                    try {
                        peer.goodReplyTo(info);
                    } catch (Difference difference) {
                        Difference.check(peer.isClosed(), "done, or the end", difference.seen());
                    }
                    peer.nextClient().inStep();
                });
        group.check(
                "commands with and without descriptors, glued",
                "each descriptor goes to the command that it was sent with",
                DescriptorChecks::glued);
        group.check(
                "a descriptor on a command between large ones",
                "goes to that command",
                DescriptorChecks::betweenLarge);
        return group.checks();
    }

    private static void stray(CheckGroup group, String name, Supplier<RawCommand> command) {
        group.check(
                name + " with descriptors",
                CLOSED,
                peer -> {
                    peer.succeeds(command.get(), Peer.strayDescriptors(2));
                    peer.inStep();
                });
    }

    /// Sent without waiting, so that the server reads several of them at once.
    private static void glued(Peer peer) {
        Vectors vectors = Vectors.most(peer, 2);
        RawCommand first = vectors.command(Bits.TRIGGER_EVENTFD, 0, 1).id(2);
        RawCommand second = vectors.command(Bits.TRIGGER_EVENTFD, 1, 1).id(4);
        RawCommand info = Commands.getInfo().id(3);
        for (int round = 0; round < 16; round++) {
            List<EventFd> eventFds = vectors.eventFds(2);
            peer.send(info, info);
            peer.send(first, Peer.descriptorOf(eventFds.getFirst()));
            peer.send(info);
            peer.send(second, Peer.descriptorOf(eventFds.getLast()));
            peer.send(info, info, info);
            for (RawCommand each : List.of(info, info, first, info, second, info, info, info)) {
                peer.goodReplyTo(each);
            }
            vectors.fires(0, eventFds.getFirst());
            vectors.fires(1, eventFds.getLast());
        }
    }

    private static void betweenLarge(Peer peer) {
        Vectors vectors = Vectors.most(peer, 1);
        RawCommand large = RawCommand.of(99).zeros(100_000);
        RawCommand set = vectors.command(Bits.TRIGGER_EVENTFD, 0, 1);
        for (int round = 0; round < 4; round++) {
            EventFd eventFd = peer.eventFd();
            peer.send(large, FdBundle.empty());
            peer.send(set, Peer.descriptorOf(eventFd));
            peer.send(large, FdBundle.empty());
            peer.refusalOf(large, Errno.EINVAL);
            peer.goodReplyTo(set);
            peer.refusalOf(large, Errno.EINVAL);
            vectors.fires(0, eventFd);
        }
    }
}
