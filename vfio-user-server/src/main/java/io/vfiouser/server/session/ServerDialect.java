package io.vfiouser.server.session;

import io.netty.buffer.ByteBuf;
import io.vfiouser.codec.CapabilitiesJson;
import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Reply;
import io.vfiouser.protocol.Version;
import io.vfiouser.server.dispatch.CommandRunner;
import io.vfiouser.server.dispatch.Dispatcher;
import io.vfiouser.server.options.Limits;
import io.vfiouser.server.peer.Peer;

/// What sessions of one device ask of the dialect that its clients speak: numbers, layouts, and who
/// runs the commands. There is one for each device, chosen once; the rest of the server knows the
/// messages of today only.
public interface ServerDialect {
    /// What stands for a command that the dialect does not have.
    int NO_COMMAND = -1;

    /// How many regions a device has.
    int regionCount();

    /// The number of REGION_READ.
    int regionRead();

    /// The number of REGION_WRITE.
    int regionWrite();

    /// The number of MIG_DATA_READ, or [#NO_COMMAND].
    int migrationRead();

    /// Reads VERSION.
    ///
    /// @throws io.vfiouser.codec.RequestRejectedException with `EINVAL` for what is none
    Version version(ByteBuf frame, CapabilitiesJson json);

    /// Answers VERSION.
    ///
    /// @param migrates whether the device can migrate
    /// @throws io.vfiouser.codec.RequestRejectedException for a client that cannot be served
    Version.Reply answer(Version request, Limits limits, boolean migrates);

    /// Whether the client gets a second socket.
    boolean grantsTwinSocket(Version request);

    /// Appends a whole reply.
    ///
    /// @param command number of the command that is answered
    void encode(ByteBuf out, int messageId, int command, Reply reply);

    /// Appends a reply to a region access up to where its data begin; `dataSize` bytes follow.
    ///
    /// @param command number of the command that is answered
    void startRegionReply(
            ByteBuf out,
            int messageId,
            int command,
            int region,
            long offset,
            int count,
            int dataSize);

    /// Appends an error reply up to where its body begins; `padding` bytes follow.
    ///
    /// @param command number of the command that is answered
    /// @param padding bytes of a body, from [#errorPadding]; 0 for none
    void startErrorReply(ByteBuf out, int messageId, int command, Errno errno, int padding);

    /// Bytes of the body that error replies to a command have for clients that wait for one.
    ///
    /// @param frame the command
    /// @param maxTransferSize most bytes of data
    int errorPadding(ByteBuf frame, int maxTransferSize);

    /// The name of a command, for logs.
    String commandName(int command);

    /// A line about a message, for logs.
    String trace(ByteBuf frame);

    /// Opens the stream that takes the state of another device.
    StateSink load(Migratable device);

    /// Makes what sends commands to the client.
    Peer peer(SessionParts parts);

    /// Makes what runs the client's commands, other than those above.
    ///
    /// @param today runs commands of today
    CommandRunner commands(SessionParts parts, Dispatcher today);
}
