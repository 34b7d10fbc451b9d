package io.vfiouser.server.session;

import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import io.vfiouser.server.peer.StreamImage;
import io.vfiouser.server.peer.TwinSocket;
import io.vfiouser.transport.VfioUserChannel;
import org.jspecify.annotations.Nullable;

/// How a session goes on in another process, or here where another process has stopped; the client
/// notices a pause at most. Belongs to the loop.
///
/// The old side: [#freeze], [#suspend], [#save], and then [#letGo], or [#thaw] if it stays after
/// all. The new side: [#restore], [#open], [#begin].
final class SessionMove {
    private final DeviceHost host;
    private final Session session;
    private final VfioUserChannel channel;
    private final Handshake handshake;
    private boolean suspended;
    private boolean handedOver;
    private @Nullable Runnable whenIdle;
    private @Nullable StreamImage stream;

    SessionMove(DeviceHost host, Session session, VfioUserChannel channel, Handshake handshake) {
        this.host = host;
        this.session = session;
        this.channel = channel;
        this.handshake = handshake;
    }

    /// Whether the client's sockets are left alone.
    boolean isSuspended() {
        return suspended;
    }

    /// Whether another process has the client now.
    boolean isHandedOver() {
        return handedOver;
    }

    /// Holds commands from now on, while answers of the client still come through.
    ///
    /// @param then called once no command is at work
    void freeze(Runnable then) {
        session.gather();
        session.raise(Session.FROZEN);
        whenIdle = then;
        if (!session.isBusy()) {
            tellIdle();
        }
    }

    /// No command is at work any more.
    void tellIdle() {
        Runnable then = whenIdle;
        whenIdle = null;
        if (then != null) {
            then.run();
        }
    }

    /// Leaves the client's sockets alone, until [#thaw] or [#letGo].
    void suspend() {
        suspended = true;
        handshake.stopTimer();
        session.replies().flush();
        channel.flush();
        channel.config().setAutoRead(false);
        channel.suspend();
        TwinSocket twin = handshake.twin();
        if (twin != null) {
            twin.suspend();
        }
    }

    /// Goes on after [#freeze].
    void thaw() {
        session.clear(Session.FROZEN);
        whenIdle = null;
        if (session.isEnded()) {
            return;
        }
        if (suspended) {
            suspended = false;
            channel.resume();
            TwinSocket twin = handshake.twin();
            if (twin != null) {
                twin.resume();
            }
            limitHandshake();
        }
        session.runHeld();
    }

    /// Writes the session while it is suspended.
    void save(ImageWriter out) {
        out.number(session.number()).descriptor(channel.fd());
        session.saveStream(out);
        Attachment current = session.attachment();
        if (handshake.save(out) && current != null) {
            current.peer().save(out);
        }
    }

    /// Becomes what [#save] wrote in another process, behind number and socket: frozen, with a
    /// socket that nobody reads yet.
    void restore(ImageReader in) {
        session.raise(Session.FROZEN);
        stream = StreamImage.read(in);
        if (!in.flag()) {
            return;
        }
        handshake.restore(in);
        Attachment current = session.attachment();
        if (current != null) {
            current.peer().restore(in);
        }
    }

    /// Opens the socket after [#restore]: messages can be sent.
    ///
    /// @param opened called when that is so
    void open(Runnable opened) {
        channel.config().setAutoRead(false);
        host.loop()
                .register(channel)
                .addListener(registered -> {
                    if (!registered.isSuccess()) {
                        session.end("connection: " + registered.cause());
                    } else if (stream != null) {
                        stream.send(channel);
                    }
                    TwinSocket twin = handshake.twin();
                    if (twin != null) {
                        twin.startRestored();
                    }
                    opened.run();
                });
    }

    /// Runs what has come, after [#open].
    void begin() {
        session.clear(Session.FROZEN);
        limitHandshake();
        StreamImage come = stream;
        stream = null;
        if (come != null) {
            come.deliver(channel);
        }
        session.readOn();
    }

    /// Closes our descriptors of the client's sockets; the client hears nothing, as another process
    /// has them too.
    void letGo() {
        handedOver = true;
        handshake.stopTimer();
        if (stream != null) {
            stream.close();
        }
        if (channel.isRegistered()) {
            session.end("another process has taken over");
            return;
        }
        channel.unsafe().closeForcibly();
        TwinSocket twin = handshake.twin();
        if (twin != null) {
            twin.close();
        }
    }

    private void limitHandshake() {
        if (session.attachment() == null) {
            session.limitHandshake();
        }
    }
}
