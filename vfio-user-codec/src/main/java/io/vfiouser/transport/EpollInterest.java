package io.vfiouser.transport;

import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoOps;
import org.jspecify.annotations.Nullable;

/// What one descriptor wants to hear from epoll. Epoll is told of changes only, so asking for what
/// is already wanted costs no system call.
///
/// Used on the event loop.
final class EpollInterest {
    static final int IN = EpollIoOps.EPOLLIN.value();
    static final int OUT = EpollIoOps.EPOLLOUT.value();

    /// Reported once for each signal, not for as long as there is something: a peer's eventfd may
    /// stay readable however often it is drained.
    static final int EDGE = EpollIoOps.EPOLLET.value();

    static final int ERROR = EpollIoOps.EPOLLERR.value();
    static final int PEER_SHUTDOWN = EpollIoOps.EPOLLRDHUP.value();

    /// Reported whether wanted or not: both directions are over.
    static final int HANG_UP = 0x10;

    private final int initial;
    private int wanted;
    private boolean enabled;
    private boolean suspended;
    private boolean edgeTriggered;
    private @Nullable IoRegistration registration;

    /// @param initial wanted from the start, and again after a registration was cancelled
    /// @param enabled whether the descriptor can be watched from the start
    EpollInterest(int initial, boolean enabled) {
        this.initial = initial;
        this.wanted = initial;
        this.enabled = enabled;
    }

    /// The bits of an event.
    static int bits(IoEvent event) {
        return ((EpollIoEvent) event).ops().value();
    }

    /// Starts to tell epoll, first of what was asked for so far.
    void register(IoRegistration granted) {
        registration = granted;
        submit();
    }

    /// Lets epoll hear of the descriptor. A Unix socket that is neither connected nor listening is
    /// hung up in the eyes of epoll, which would report that without end.
    void enable() {
        enabled = true;
        submit();
    }

    boolean contains(int bits) {
        return (wanted & bits) == bits;
    }

    void add(int bits) {
        change(wanted | bits);
    }

    void remove(int bits) {
        change(wanted & ~bits);
    }

    /// Hears of input only when more of it comes, not for as long as there is some, which spares
    /// the kernel a second look at the descriptor after each event.
    ///
    /// For a descriptor of which everything was read. What came since then is reported, as epoll
    /// looks at the descriptor whenever it is told something; from then on each read has to empty
    /// it, or to undo this. Without effect while [#OUT] is wanted, and undone by [#cancel()].
    void edgeTriggered(boolean on) {
        if (on != edgeTriggered) {
            edgeTriggered = on;
            submit();
        }
    }

    /// Hears of nothing for a while; what is asked for meanwhile counts from [#resume()] on.
    void suspend() {
        suspended = true;
        submit();
    }

    /// Hears again of what is wanted, also of what has come meanwhile.
    void resume() {
        suspended = false;
        submit();
    }

    /// Ends the registration; another one may follow, on another loop.
    void cancel() {
        IoRegistration granted = registration;
        registration = null;
        wanted = initial | (wanted & OUT);
        edgeTriggered = false;
        if (granted != null) {
            granted.cancel();
        }
    }

    private void change(int bits) {
        if (bits != wanted) {
            wanted = bits;
            submit();
        }
    }

    /// Errors are reported whether asked for or not; asking keeps the bits from being 0, after
    /// which Netty 4.2.18 takes the descriptor out of epoll and cannot put it back. While suspended
    /// they are reported once, as nobody sees to them.
    private void submit() {
        if (registration != null && enabled) {
            registration.submit(EpollIoOps.valueOf((suspended ? EDGE : bits()) | ERROR));
        }
    }

    private int bits() {
        return isEdgeTriggered() ? wanted | EDGE : wanted;
    }

    /// Whether epoll reports each arrival once.
    boolean isEdgeTriggered() {
        return edgeTriggered && !contains(OUT);
    }
}
