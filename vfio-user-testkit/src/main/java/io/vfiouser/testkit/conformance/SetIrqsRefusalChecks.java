package io.vfiouser.testkit.conformance;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.vfiouser.os.Errno;
import io.vfiouser.os.EventFd;
import java.util.List;
import java.util.function.BiConsumer;

/// DEVICE_SET_IRQS: what is refused.
final class SetIrqsRefusalChecks {
    private static final String REFUSED = "refused with EINVAL";
    private static final int ALL_ONES = -1;

    private SetIrqsRefusalChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("DEVICE_SET_IRQS", "VFIO_USER_DEVICE_SET_IRQS");
        addFlags(group);
        addRanges(group);
        addDescriptors(group);
        addNotices(group);
        return group.checks();
    }

    private static void addFlags(CheckGroup group) {
        refuse(group, "no flags", 0);
        refuse(group, "no action", 0x01);
        refuse(group, "no data type", 0x20);
        refuse(group, "two actions", 0x31);
        refuse(group, "two data types", 0x23);
        refuse(group, "an unknown flag", 0x61)
                .reference(
                        "ignored",
                        peer -> peer.succeeds(Vectors.most(peer, 1).command(0x61, 0, 1)));
        group.check(
                "BOOL with too few bytes",
                REFUSED,
                peer -> {
                    Vectors vectors = Vectors.most(peer, 1);
                    peer.refuses(vectors.command(Bits.TRIGGER_BOOL, 0, 1), Errno.EINVAL);
                });
        group.check(
                "BOOL with too many bytes",
                REFUSED,
                peer -> {
                    Vectors vectors = Vectors.most(peer, 1);
                    RawCommand command = vectors.command(Bits.TRIGGER_BOOL, 0, 1).zeros(2);
                    peer.refuses(command, Errno.EINVAL);
                });
    }

    private static void addRanges(CheckGroup group) {
        for (long index : new long[] {Bits.PCI_IRQS, 0x7fff_ffff, 0xffff_ffffL}) {
            group.check(
                    "index 0x%x".formatted(index),
                    REFUSED,
                    peer ->
                            peer.refuses(
                                    Commands.setIrqs(Bits.TRIGGER_NONE, (int) index, 0, 1),
                                    Errno.EINVAL));
        }
        range(
                group,
                "a start behind the last vector",
                (vectors, peer) -> {
                    peer.refuses(
                            vectors.command(Bits.TRIGGER_NONE, vectors.count(), 1), Errno.EINVAL);
                    peer.refuses(vectors.command(Bits.TRIGGER_NONE, ALL_ONES, 1), Errno.EINVAL);
                });
        range(
                group,
                "an end behind the last vector",
                (vectors, peer) -> {
                    int more = vectors.count() + 1;
                    peer.refuses(vectors.command(Bits.TRIGGER_NONE, 0, more), Errno.EINVAL);
                    peer.refuses(vectors.command(Bits.MASK_NONE, 0, more), Errno.EINVAL);
                    peer.refuses(vectors.command(Bits.TRIGGER_EVENTFD, 0, more), Errno.EINVAL);
                    peer.refuses(
                            vectors.command(Bits.TRIGGER_BOOL, 0, more).zeros(more), Errno.EINVAL);
                });
        range(
                group,
                "start and count that wrap around",
                (vectors, peer) -> {
                    int last = vectors.count() - 1;
                    peer.refuses(vectors.command(Bits.TRIGGER_NONE, last, ALL_ONES), Errno.EINVAL);
                    peer.refuses(
                            vectors.command(Bits.TRIGGER_EVENTFD, last, ALL_ONES), Errno.EINVAL);
                    peer.refuses(
                            vectors.command(Bits.UNMASK_NONE, last, 0x7fff_ffff), Errno.EINVAL);
                });
        range(
                group,
                "count 0 with a start",
                (vectors, peer) ->
                        peer.refuses(vectors.command(Bits.TRIGGER_NONE, 1, 0), Errno.EINVAL));
        range(
                group,
                "count 0 with anything but TRIGGER and NONE",
                (vectors, peer) -> {
                    for (int flags :
                            new int[] {
                                Bits.TRIGGER_EVENTFD,
                                Bits.TRIGGER_BOOL,
                                Bits.MASK_NONE,
                                Bits.UNMASK_NONE,
                                Bits.UNMASK_EVENTFD
                            }) {
                        peer.refuses(vectors.command(flags, 0, 0), Errno.EINVAL);
                    }
                });
    }

    private static void addDescriptors(CheckGroup group) {
        range(
                group,
                "descriptors without EVENTFD",
                (vectors, peer) -> {
                    peer.refuses(
                            vectors.command(Bits.TRIGGER_NONE, 0, 1),
                            Peer.strayDescriptors(1),
                            Errno.EINVAL);
                    peer.refuses(
                            vectors.command(Bits.TRIGGER_BOOL, 0, 1).zeros(1),
                            Peer.strayDescriptors(1),
                            Errno.EINVAL);
                });
        range(
                group,
                "more descriptors than vectors",
                (vectors, peer) ->
                        peer.refuses(
                                vectors.command(Bits.TRIGGER_EVENTFD, 0, 1),
                                Peer.strayDescriptors(2),
                                Errno.EINVAL));
        group.check(
                "fewer descriptors than vectors",
                REFUSED,
                peer -> {
                    Vectors vectors = Vectors.most(peer, 2);
                    peer.refuses(
                            vectors.command(Bits.TRIGGER_EVENTFD, 0, 2),
                            Peer.strayDescriptors(1),
                            Errno.EINVAL);
                });
        group.check(
                "a refused set",
                "leaves the vectors as they were",
                peer -> {
                    Vectors vectors = Vectors.most(peer, 1);
                    EventFd before = vectors.arm(0);
                    int more = vectors.count() + 1;
                    peer.refuses(
                            vectors.command(Bits.TRIGGER_EVENTFD, 0, more),
                            Peer.strayDescriptors(more),
                            Errno.EINVAL);
                    vectors.fires(0, before);
                });
    }

    private static void addNotices(CheckGroup group) {
        for (int index : new int[] {Bits.ERR, Bits.REQ}) {
            String name = index == Bits.ERR ? "ERR" : "REQ";
            group.check(
                    name + " masked or unmasked",
                    REFUSED,
                    peer -> {
                        Vectors notice = Vectors.of(peer, index);
                        peer.refuses(notice.command(Bits.MASK_NONE, 0, 1), Errno.EINVAL);
                        peer.refuses(notice.command(Bits.UNMASK_NONE, 0, 1), Errno.EINVAL);
                    });
            group.check(
                    name + " with count 2",
                    REFUSED,
                    peer ->
                            peer.refuses(
                                    Vectors.of(peer, index).command(Bits.TRIGGER_NONE, 0, 2),
                                    Errno.EINVAL));
        }
    }

    @CanIgnoreReturnValue
    private static ConformanceCheck refuse(CheckGroup group, String name, int flags) {
        return group.check(
                name,
                REFUSED,
                peer -> peer.refuses(Vectors.most(peer, 1).command(flags, 0, 1), Errno.EINVAL));
    }

    private static void range(CheckGroup group, String name, BiConsumer<Vectors, Peer> body) {
        group.check(name, REFUSED, peer -> body.accept(Vectors.most(peer, 1), peer));
    }
}
