package io.vfiouser.client;

import io.netty.buffer.ByteBuf;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.ServerReply;
import io.vfiouser.protocol.Version;
import io.vfiouser.protocol.WireFormat;
import java.util.concurrent.CompletableFuture;

/// The first command and its reply (spec: "VFIO_USER_VERSION").
final class Negotiation {
    private Negotiation() {}

    /// Proposes what the options say; fails if the server refuses or settles for what was not
    /// proposed.
    static CompletableFuture<Version.Reply> start(ClientSession session, ClientOptions options) {
        ByteBuf message = session.connection().buffer();
        encode(message, options);
        return session.callEncoded(
                Command.VERSION.id(),
                message,
                FdBundle.empty(),
                options.timeout(),
                (reply, descriptors) -> {
                    Version.Reply version = check(reply, options);
                    if (options.capabilities().twinSocket().supported()) {
                        takeTwinSocket(session, version.capabilities(), descriptors);
                    }
                    session.negotiated();
                    return version;
                });
    }

    /// The reply names the descriptor by its place among those that came with it.
    private static void takeTwinSocket(
            ClientSession session, Capabilities server, FdBundle descriptors) {
        if (!server.twinSocket().supported()) {
            return;
        }
        int index = server.twinSocket().fdIndex();
        if (index < 0 || index >= descriptors.count()) {
            throw new MalformedReplyException(
                    "VERSION: twin_socket.fd_index "
                            + index
                            + " with "
                            + descriptors.count()
                            + " descriptors (expected: the place of one of them)");
        }
        session.useTwinSocket(descriptors.take(index));
    }

    /// Appends a whole `VERSION` command with id 0.
    static void encode(ByteBuf out, ClientOptions options) {
        if (options.sendCapabilities()) {
            var version =
                    new Version(
                            WireFormat.MAJOR_VERSION,
                            options.minorVersion(),
                            options.capabilities());
            ClientWire.of(options.dialect()).encode(out, 0, version, false, false);
            return;
        }
        int size = WireFormat.HEADER_SIZE + WireFormat.VERSION_SIZE;
        new MessageHeader(0, Command.VERSION.id(), size, WireFormat.TYPE_COMMAND, 0).write(out);
        out.writeShortLE(WireFormat.MAJOR_VERSION);
        out.writeShortLE(options.minorVersion());
    }

    private static Version.Reply check(ServerReply reply, ClientOptions options) {
        var version = ReplyCheck.expect(Version.Reply.class, Command.VERSION.id(), reply);
        if (version.major() != WireFormat.MAJOR_VERSION
                || version.minor() > options.minorVersion()) {
            throw new MalformedReplyException(
                    "VERSION: "
                            + version.major()
                            + "."
                            + version.minor()
                            + " in the reply (expected: "
                            + WireFormat.MAJOR_VERSION
                            + ".0 to "
                            + WireFormat.MAJOR_VERSION
                            + "."
                            + options.minorVersion()
                            + ")");
        }
        return version;
    }
}
