package io.vfiouser.testkit.conformance;

import io.vfiouser.os.Errno;
import io.vfiouser.os.EventFd;
import java.util.ArrayList;
import java.util.List;

/// DEVICE_SET_IRQS: what it does.
final class SetIrqsChecks {
    private static final String SHARED_TABLE = "INTx, MSI and MSI-X share one table";

    private SetIrqsChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("DEVICE_SET_IRQS", "VFIO_USER_DEVICE_SET_IRQS");
        addTriggers(group);
        addSets(group);
        addUnsets(group);
        addTypes(group);
        addMasks(group);
        return group.checks();
    }

    private static void addTriggers(CheckGroup group) {
        group.check(
                "TRIGGER and NONE",
                "signals the eventfd once, before the reply",
                peer -> {
                    Vectors vectors = Vectors.most(peer, 1);
                    EventFd eventFd = vectors.arm(0);
                    vectors.fires(0, eventFd);
                    vectors.fires(0, eventFd);
                });
        group.check(
                "TRIGGER and BOOL",
                "signals the vectors whose byte is 1",
                peer -> {
                    Vectors vectors = Vectors.most(peer, 3);
                    List<EventFd> eventFds = vectors.arm(0, 3);
                    byte[] which = {1, 0, 1};
                    peer.succeeds(vectors.command(Bits.TRIGGER_BOOL, 0, 3).bytes(which));
                    for (int i = 0; i < which.length; i++) {
                        Difference.check(
                                "signals of vector " + i, (long) which[i], eventFds.get(i).drain());
                    }
                });
        group.check(
                "TRIGGER of vectors without an eventfd",
                "done, nothing is signalled",
                peer -> {
                    Vectors vectors = Vectors.most(peer, 2);
                    EventFd last = vectors.arm(1);
                    peer.succeeds(vectors.command(Bits.TRIGGER_NONE, 0, 1));
                    Difference.check("signals of vector 1", 0L, last.drain());
                });
        group.check(
                "argsz beyond the payload",
                "not compared with it",
                peer -> {
                    Vectors vectors = Vectors.most(peer, 1);
                    EventFd eventFd = vectors.arm(0);
                    peer.succeeds(vectors.command(Bits.TRIGGER_NONE, 0, 1).set32(0, 4096));
                    Difference.check("signals", 1L, eventFd.drain());
                });
    }

    private static void addSets(CheckGroup group) {
        group.check(
                "vectors in chunks of max_msg_fds",
                "each chunk sets its own",
                peer -> {
                    Vectors vectors = Vectors.most(peer, 2);
                    int chunk =
                            Math.clamp(
                                    peer.serverCapabilities().maxMsgFds(), 1, vectors.count() - 1);
                    var eventFds = new ArrayList<EventFd>();
                    while (eventFds.size() < vectors.count()) {
                        int count = Math.min(chunk, vectors.count() - eventFds.size());
                        eventFds.addAll(vectors.arm(eventFds.size(), count));
                    }
                    for (int i = 0; i < eventFds.size(); i++) {
                        vectors.fires(i, eventFds.get(i));
                    }
                });
        group.check(
                "an eventfd for a vector that has one",
                "replaces it",
                peer -> {
                    Vectors vectors = Vectors.most(peer, 1);
                    EventFd first = vectors.arm(0);
                    EventFd second = vectors.arm(0);
                    vectors.fires(0, second);
                    Difference.check("signals of the first eventfd", 0L, first.drain());
                });
        group.check(
                "one eventfd for several vectors",
                "is signalled by each",
                peer -> {
                    Vectors vectors = Vectors.most(peer, 2);
                    EventFd shared = peer.eventFd();
                    peer.succeeds(
                            vectors.command(Bits.TRIGGER_EVENTFD, 0, 2),
                            Vectors.descriptors(List.of(shared, shared)));
                    peer.succeeds(vectors.command(Bits.TRIGGER_NONE, 0, 2));
                    Difference.check("signals", 2L, shared.drain());
                });
    }

    private static void addUnsets(CheckGroup group) {
        group.check(
                "EVENTFD without descriptors for a vector that was never set",
                "done: QEMU enables MSI-X so",
                peer -> peer.succeeds(Vectors.most(peer, 1).command(Bits.TRIGGER_EVENTFD, 0, 1)));
        group.check(
                "EVENTFD without descriptors from start 0",
                "unsets the range",
                peer -> {
                    Vectors vectors = Vectors.most(peer, 2);
                    List<EventFd> eventFds = vectors.arm(0, 2);
                    peer.succeeds(vectors.command(Bits.TRIGGER_EVENTFD, 0, 1));
                    vectors.silent(0, eventFds.getFirst());
                    vectors.fires(1, eventFds.getLast());
                });
        group.check(
                        "EVENTFD without descriptors from another start",
                        "unsets the range",
                        peer -> unsetMiddle(peer, true))
                .reference(
                        "unsets nothing: it counts from start to count",
                        peer -> unsetMiddle(peer, false));
        group.check(
                "TRIGGER and NONE with count 0",
                "unsets all vectors of the type",
                peer -> {
                    Vectors vectors = Vectors.most(peer, 1);
                    List<EventFd> eventFds = vectors.arm(0, vectors.count());
                    peer.succeeds(vectors.command(Bits.TRIGGER_NONE, 0, 0));
                    for (int i = 0; i < eventFds.size(); i++) {
                        vectors.silent(i, eventFds.get(i));
                    }
                });
        group.check(
                "set, disabled and set again",
                "works as at first",
                peer -> {
                    Vectors vectors = Vectors.most(peer, 1);
                    for (int round = 0; round < 3; round++) {
                        vectors.fires(0, vectors.arm(0));
                        peer.succeeds(vectors.command(Bits.TRIGGER_NONE, 0, 0));
                    }
                });
    }

    private static void addTypes(CheckGroup group) {
        group.check(
                        "INTx and MSI-X at the same time",
                        "have tables of their own",
                        peer -> {
                            Vectors intx = Vectors.of(peer, Bits.INTX);
                            Vectors msix = Vectors.of(peer, Bits.MSIX);
                            EventFd line = intx.arm(0);
                            EventFd message = msix.arm(0);
                            intx.fires(0, line);
                            msix.fires(0, message);
                            peer.succeeds(msix.command(Bits.TRIGGER_NONE, 0, 0));
                            intx.fires(0, line);
                        })
                .reference(
                        SHARED_TABLE,
                        peer -> {
                            Vectors intx = Vectors.of(peer, Bits.INTX);
                            EventFd line = intx.arm(0);
                            Vectors.of(peer, Bits.MSIX).arm(0);
                            intx.silent(0, line);
                        });
        group.check(
                        "disabling a type without vectors",
                        "done: clients disable defensively",
                        SetIrqsChecks::disableEmpty)
                .reference(
                        "EINVAL",
                        peer ->
                                peer.refuses(
                                        Commands.setIrqs(Bits.TRIGGER_NONE, emptyType(peer), 0, 0),
                                        Errno.EINVAL));
        for (int index : new int[] {Bits.ERR, Bits.REQ}) {
            group.check(
                    (index == Bits.ERR ? "ERR" : "REQ") + " set and triggered",
                    "signals its eventfd",
                    peer -> {
                        Vectors notice = Vectors.of(peer, index);
                        notice.fires(0, notice.arm(0));
                    });
        }
    }

    private static void addMasks(CheckGroup group) {
        group.check(
                "a masked vector that is triggered",
                "is signalled when it is unmasked, not before",
                peer -> {
                    Vectors vectors = Vectors.most(peer, 1);
                    NotApplicableException.unless(vectors.maskable(), "not flagged as MASKABLE");
                    EventFd eventFd = vectors.arm(0);
                    peer.succeeds(vectors.command(Bits.MASK_NONE, 0, 1));
                    vectors.silent(0, eventFd);
                    peer.succeeds(vectors.command(Bits.UNMASK_NONE, 0, 1));
                    Difference.check("signals after unmasking", 1L, eventFd.drain());
                    vectors.fires(0, eventFd);
                });
        group.check(
                "MASK and BOOL",
                "masks the vectors whose byte is 1",
                peer -> {
                    Vectors vectors = Vectors.most(peer, 2);
                    NotApplicableException.unless(vectors.maskable(), "not flagged as MASKABLE");
                    List<EventFd> eventFds = vectors.arm(0, 2);
                    peer.succeeds(vectors.command(Bits.MASK_BOOL, 0, 2).bytes((byte) 0, (byte) 1));
                    vectors.fires(0, eventFds.getFirst());
                    vectors.silent(1, eventFds.getLast());
                    peer.succeeds(
                            vectors.command(Bits.UNMASK_BOOL, 0, 2).bytes((byte) 0, (byte) 1));
                    Difference.check("signals", 1L, eventFds.getLast().drain());
                });
        group.check(
                "UNMASK as QEMU sends it for INTx",
                "done, with and without an eventfd",
                peer -> {
                    Vectors intx = Vectors.of(peer, Bits.INTX);
                    EventFd line = intx.arm(0);
                    peer.succeeds(intx.command(Bits.MASK_NONE, 0, 1));
                    peer.succeeds(
                            intx.command(Bits.UNMASK_EVENTFD, 0, 1),
                            Peer.descriptorOf(peer.eventFd()));
                    peer.succeeds(intx.command(Bits.UNMASK_NONE, 0, 1));
                    intx.fires(0, line);
                });
    }

    private static void unsetMiddle(Peer peer, boolean unsets) {
        Vectors vectors = Vectors.most(peer, 3);
        List<EventFd> eventFds = vectors.arm(0, 3);
        peer.succeeds(vectors.command(Bits.TRIGGER_EVENTFD, 1, 1));
        vectors.fires(0, eventFds.getFirst());
        if (unsets) {
            vectors.silent(1, eventFds.get(1));
        } else {
            vectors.fires(1, eventFds.get(1));
        }
        vectors.fires(2, eventFds.getLast());
    }

    private static void disableEmpty(Peer peer) {
        peer.succeeds(Commands.setIrqs(Bits.TRIGGER_NONE, emptyType(peer), 0, 0));
    }

    private static int emptyType(Peer peer) {
        for (int i = 0; i < peer.target().irqs().size(); i++) {
            if (peer.target().irq(i).count() == 0) {
                return i;
            }
        }
        NotApplicableException.unless(false, "every interrupt type has vectors");
        throw new AssertionError();
    }
}
