package io.vfiouser.server.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.codec.MessageEncoder;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.UnixSockets;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.Version;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import io.vfiouser.server.loop.DeviceTimer;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.peer.TwinSocket;
import io.vfiouser.server.tap.StreamTap;
import org.jspecify.annotations.Nullable;

/// VERSION, which a client has a limited time for, and what it leads to: the twin socket if the
/// client asks for one, and the device's attachment (spec: "VFIO_USER_VERSION"). Belongs to the
/// loop.
final class Handshake {
    private final DeviceHost host;
    private final Session session;
    private final Answers answers;
    private final StreamTap tap;
    private @Nullable DeviceTimer timer;
    private @Nullable TwinSocket twin;
    private @Nullable Version client;

    Handshake(DeviceHost host, Session session, Answers answers, StreamTap tap) {
        this.host = host;
        this.session = session;
        this.answers = answers;
        this.tap = tap;
    }

    /// The session ends unless VERSION has been taken by then.
    void limitTime() {
        var limit = host.limits().duration(Limit.NEGOTIATION_TIMEOUT);
        timer =
                host.loop()
                        .schedule(
                                () -> session.end("no VERSION within negotiationTimeout, " + limit),
                                limit.toNanos());
    }

    /// A timer that waits costs each `epoll_wait` of the loop.
    void stopTimer() {
        DeviceTimer current = timer;
        timer = null;
        if (current != null) {
            current.cancel();
        }
    }

    /// Where requests to the client go besides the session's own socket, if it wanted that.
    @Nullable TwinSocket twin() {
        return twin;
    }

    /// Takes the first message, and answers it. The session ends if it is not a VERSION that can be
    /// agreed to.
    void take(ByteBuf frame, FdBundle descriptors, int messageId, int command) {
        try {
            if (command != Command.VERSION.id()) {
                throw new RequestRejectedException(
                        Errno.EINVAL,
                        "command: " + command + " (expected: VERSION as the first message)");
            }
            if (!descriptors.isEmpty()) {
                throw new RequestRejectedException(
                        Errno.EINVAL,
                        "descriptors: " + descriptors.count() + " (expected: none with VERSION)");
            }
            ServerDialect dialect = host.dialect();
            Version request = dialect.version(frame, host.json());
            Version.Reply reply = dialect.answer(request, host.limits(), host.migrates());
            FdBundle clientEnd = FdBundle.empty();
            if (dialect.grantsTwinSocket(request)) {
                clientEnd = openTwinSocket();
            }
            attach(request, clientEnd);
            if (host.code().startForClient() instanceof Completion.Pending(var started)) {
                session.interpose(started);
            }
            client = request;
            stopTimer();
            answers.reply(messageId, command, reply, clientEnd);
        } catch (Throwable thrown) {
            answers.refuse(messageId, command, false, thrown);
            session.replies().flush();
            session.end("negotiation: " + thrown.getMessage());
        }
    }

    /// Writes what was agreed, and the twin socket, which is suspended.
    ///
    /// @return whether anything was
    boolean save(ImageWriter out) {
        Version negotiated = client;
        out.flag(negotiated != null);
        if (negotiated == null) {
            return false;
        }
        ByteBuf version = Unpooled.buffer();
        MessageEncoder.encode(version, 0, negotiated, false);
        out.bytes(version).flag(twin != null);
        if (twin != null) {
            twin.save(out);
        }
        return true;
    }

    /// Agrees to what [#save] wrote behind its flag: there is an attachment afterwards.
    void restore(ImageReader in) {
        Version negotiated =
                host.dialect().version(Unpooled.wrappedBuffer(in.bytes()), host.json());
        if (in.flag()) {
            TwinSocket restored = twinSocket(in.descriptor());
            twin = restored;
            restored.restore(in);
        }
        client = negotiated;
        attach(negotiated, FdBundle.empty());
    }

    private void attach(Version request, FdBundle clientEnd) {
        try {
            session.attached(host.attach(session, request, twin == null ? session : twin));
        } catch (Throwable thrown) {
            clientEnd.close();
            throw thrown;
        }
    }

    private FdBundle openTwinSocket() {
        FileDescriptor[] ends = UnixSockets.pair();
        TwinSocket ours = twinSocket(ends[0]);
        twin = ours;
        ours.start();
        return FdBundle.of(ends[1]);
    }

    private TwinSocket twinSocket(FileDescriptor ourEnd) {
        return new TwinSocket(
                ourEnd,
                host.loop(),
                host.frameLimits(),
                host.limits().count(Limit.MAX_UNREAD_BYTES),
                tap.twin(),
                this::twinReply,
                session::end);
    }

    private void twinReply(ByteBuf frame) {
        Attachment current = session.attachment();
        if (current != null) {
            current.peer().reply(frame);
        }
    }
}
