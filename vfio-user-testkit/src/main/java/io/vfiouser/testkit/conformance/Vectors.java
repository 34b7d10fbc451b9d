package io.vfiouser.testkit.conformance;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import java.util.ArrayList;
import java.util.List;

/// The vectors of one interrupt type, armed and watched.
final class Vectors {
    private final Peer peer;
    private final int index;

    private Vectors(Peer peer, int index) {
        this.peer = peer;
        this.index = index;
    }

    /// A type that the device has.
    static Vectors of(Peer peer, int index) {
        NotApplicableException.unless(
                peer.target().irq(index).count() > 0,
                "the device has no interrupts of type " + index);
        return new Vectors(peer, index);
    }

    /// The type with the most vectors.
    ///
    /// @param least how many it must have
    static Vectors most(Peer peer, int least) {
        var index = peer.target().largestIrq();
        NotApplicableException.unless(
                index.isPresent() && peer.target().irq(index.getAsInt()).count() >= least,
                "the device has no interrupt type with %d vectors".formatted(least));
        return new Vectors(peer, index.getAsInt());
    }

    int index() {
        return index;
    }

    int count() {
        return peer.target().irq(index).count();
    }

    boolean maskable() {
        return peer.target().irq(index).flags().maskable();
    }

    RawCommand command(int flags, int start, int count) {
        return Commands.setIrqs(flags, index, start, count);
    }

    /// Gives new eventfds to `count` vectors from `start`, in one message.
    List<EventFd> arm(int start, int count) {
        List<EventFd> eventFds = eventFds(count);
        peer.succeeds(command(Bits.TRIGGER_EVENTFD, start, count), descriptors(eventFds));
        return eventFds;
    }

    EventFd arm(int vector) {
        return arm(vector, 1).getFirst();
    }

    List<EventFd> eventFds(int count) {
        var eventFds = new ArrayList<EventFd>();
        for (int i = 0; i < count; i++) {
            eventFds.add(peer.eventFd());
        }
        return eventFds;
    }

    /// Copies of the descriptors, to be sent.
    static FdBundle descriptors(List<EventFd> eventFds) {
        List<FileDescriptor> copies =
                eventFds.stream().map(each -> Descriptors.duplicate(each.fd())).toList();
        return FdBundle.ofOwned(copies);
    }

    /// Expects a vector to fire when the client asks for it.
    void fires(int vector, EventFd eventFd) {
        peer.succeeds(command(Bits.TRIGGER_NONE, vector, 1));
        Difference.check("signals of vector " + vector, 1L, eventFd.drain());
    }

    /// Expects a vector not to be signalled when the client asks for it.
    void silent(int vector, EventFd eventFd) {
        peer.succeeds(command(Bits.TRIGGER_NONE, vector, 1));
        Difference.check("signals of vector " + vector, 0L, eventFd.drain());
    }
}
