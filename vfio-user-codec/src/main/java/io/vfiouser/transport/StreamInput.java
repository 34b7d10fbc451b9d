package io.vfiouser.transport;

import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.unix.Socket;
import io.vfiouser.os.MessageSocket;
import java.io.IOException;

/// The receiving side of a channel: when to read, and what the end of the stream means.
///
/// Once the peer has shut down its side, everything it has sent is read at once, even while reads
/// are paused: epoll tells of the end only once, and a lost client has to be noticed. That is no
/// more than the socket's queue holds.
///
/// A socket that was found empty by some reads in a row is watched edge-triggered: epoll tells of
/// each arrival once. A read that leaves something behind, whatever its reason, ends that before
/// anything else happens, and what it left is reported again.
///
/// Used on the event loop.
final class StreamInput {
    /// Reads in a row that empty the socket before it is watched edge-triggered: changing back and
    /// forth costs a system call each.
    private static final int QUIET_READS = 16;

    private final VfioUserChannel channel;
    private final Socket socket;
    private final EpollInterest interest;
    private final StreamReader reader;
    private boolean readPending;
    private boolean endFired;
    private int quietReads;

    StreamInput(
            VfioUserChannel channel,
            Socket socket,
            MessageSocket messages,
            EpollInterest interest) {
        this.channel = channel;
        this.socket = socket;
        this.interest = interest;
        this.reader = new StreamReader(channel, this, messages);
    }

    /// Hands over bytes past the pipeline; asks for more by itself.
    void receiver(StreamReceiver receiver) {
        reader.receiver(receiver);
    }

    long receiveCalls() {
        return reader.receiveCalls();
    }

    /// Whether another read makes sense.
    boolean isReadable() {
        return channel.isActive() && !socket.isInputShutdown();
    }

    /// The next read is wanted.
    void request() {
        readPending = true;
        if (isReadable()) {
            interest.add(EpollInterest.IN);
        }
    }

    /// The read that was wanted has been delivered.
    void requestSatisfied() {
        readPending = false;
    }

    /// Hears no more of incoming bytes, and forgets a read that was wanted.
    void pause() {
        readPending = false;
        interest.remove(EpollInterest.IN);
    }

    /// Hears no more of incoming bytes, unless a read is wanted.
    void pauseUnlessWanted() {
        if (!readPending && !channel.config().isAutoRead()) {
            interest.remove(EpollInterest.IN);
        }
    }

    /// Auto-read was switched off on another thread, and may be on again.
    void pauseUnlessOn() {
        if (!channel.config().isAutoRead() && (!readPending || reader.isDirect())) {
            pause();
        }
    }

    /// Does what the bits of an epoll event ask for.
    void ready(int bits) {
        boolean hungUp = (bits & (EpollInterest.HANG_UP | EpollInterest.ERROR)) != 0;
        if (hungUp || (bits & EpollInterest.PEER_SHUTDOWN) != 0) {
            interest.remove(EpollInterest.PEER_SHUTDOWN);
            reader.peerHasShutDown();
            readAll(hungUp);
        } else if ((bits & EpollInterest.IN) != 0 && interest.contains(EpollInterest.IN)) {
            readAll(false);
        }
    }

    /// Asks the socket itself, without waiting for epoll to tell; returns whether it had something.
    boolean poll() {
        if (!readPending && !channel.config().isAutoRead()) {
            return false;
        }
        if (!interest.contains(EpollInterest.IN) || !isReadable()) {
            return false;
        }
        StreamReader.Polled polled;
        try {
            polled = reader.poll();
        } catch (IOException | RuntimeException | Error e) {
            channel.pipeline().fireExceptionCaught(e);
            channel.closeNow();
            return true;
        }
        if (polled == StreamReader.Polled.NOTHING) {
            return false;
        }
        if (polled == StreamReader.Polled.END) {
            ended(false);
        }
        readDone();
        return true;
    }

    /// Receives no more, at our own wish.
    void shutdown(ChannelPromise promise) {
        try {
            socket.shutdown(true, false);
            interest.remove(EpollInterest.IN | EpollInterest.PEER_SHUTDOWN);
            promise.trySuccess();
            fireEnd();
        } catch (IOException | RuntimeException e) {
            promise.tryFailure(e);
        }
    }

    private void readAll(boolean hungUp) {
        boolean ended = !isReadable();
        try {
            if (!ended) {
                ended = reader.read();
            }
        } catch (IOException | RuntimeException | Error e) {
            channel.pipeline().fireExceptionCaught(e);
            channel.closeNow();
            return;
        }
        if (ended) {
            ended(hungUp);
        }
        readDone();
    }

    private void readDone() {
        pauseUnlessWanted();
        if (reader.mayHaveMore()) {
            quietReads = 0;
            interest.edgeTriggered(false);
        } else if (quietReads < QUIET_READS) {
            quietReads++;
        } else {
            interest.edgeTriggered(true);
        }
    }

    private void ended(boolean hungUp) {
        if (hungUp || !channel.config().isAllowHalfClosure()) {
            channel.closeNow();
            return;
        }
        try {
            socket.shutdown(true, false);
        } catch (IOException e) {
            channel.pipeline().fireExceptionCaught(e);
            channel.closeNow();
            return;
        }
        readPending = false;
        interest.remove(EpollInterest.IN | EpollInterest.PEER_SHUTDOWN);
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        fireEnd();
    }

    private void fireEnd() {
        if (!endFired) {
            endFired = true;
            channel.pipeline().fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
        }
    }
}
