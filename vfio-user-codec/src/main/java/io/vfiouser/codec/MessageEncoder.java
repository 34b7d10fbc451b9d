package io.vfiouser.codec;

import static io.vfiouser.protocol.WireFormat.FLAG_ERROR;
import static io.vfiouser.protocol.WireFormat.FLAG_NO_REPLY;
import static io.vfiouser.protocol.WireFormat.HEADER_MESSAGE_SIZE_AT;
import static io.vfiouser.protocol.WireFormat.HEADER_SIZE;
import static io.vfiouser.protocol.WireFormat.MIG_DATA_SIZE;
import static io.vfiouser.protocol.WireFormat.REGION_ACCESS_SIZE;
import static io.vfiouser.protocol.WireFormat.TYPE_COMMAND;
import static io.vfiouser.protocol.WireFormat.TYPE_REPLY;

import io.netty.buffer.ByteBuf;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.DeviceFeature;
import io.vfiouser.protocol.DeviceGetInfo;
import io.vfiouser.protocol.DeviceGetIrqInfo;
import io.vfiouser.protocol.DeviceGetRegionInfo;
import io.vfiouser.protocol.DeviceGetRegionIoFds;
import io.vfiouser.protocol.DeviceReset;
import io.vfiouser.protocol.DeviceSetIrqs;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.DmaRead;
import io.vfiouser.protocol.DmaUnmap;
import io.vfiouser.protocol.DmaWrite;
import io.vfiouser.protocol.EmptyReply;
import io.vfiouser.protocol.ErrorReply;
import io.vfiouser.protocol.MigDataRead;
import io.vfiouser.protocol.MigDataWrite;
import io.vfiouser.protocol.PayloadReply;
import io.vfiouser.protocol.RegionRead;
import io.vfiouser.protocol.RegionWrite;
import io.vfiouser.protocol.RegionWriteMulti;
import io.vfiouser.protocol.Reply;
import io.vfiouser.protocol.Request;
import io.vfiouser.protocol.UnknownRequest;
import io.vfiouser.protocol.Version;

/// From a message to bytes.
///
/// Functions instead of a pipeline handler, which saves a hop and lets many replies share one
/// buffer; they hold no state, and any thread may call them. Each appends one whole message to a
/// buffer. Bulk data are copied; the message stays with the caller, who releases it.
public final class MessageEncoder {
    private MessageEncoder() {}

    /// Appends a command.
    ///
    /// @param messageId number that the reply will echo, 0 to 0xffff
    /// @param noReply whether the other side shall send no reply, not even an error
    public static void encode(ByteBuf out, int messageId, Request request, boolean noReply) {
        int flags = TYPE_COMMAND | (noReply ? FLAG_NO_REPLY : 0);
        int start = out.writerIndex();
        writeHeader(out, messageId, request.commandId(), 0, flags, 0);
        writeRequest(out, request);
        out.setIntLE(start + HEADER_MESSAGE_SIZE_AT, out.writerIndex() - start);
    }

    /// Appends a reply.
    ///
    /// @param messageId the id of the command that is answered
    /// @param commandId the number of the command that is answered, also one we do not know
    public static void encode(ByteBuf out, int messageId, int commandId, Reply reply) {
        if (reply instanceof ErrorReply(var errno)) {
            int flags = TYPE_REPLY | FLAG_ERROR;
            writeHeader(out, messageId, commandId, HEADER_SIZE, flags, errno.number());
            return;
        }
        int start = out.writerIndex();
        writeHeader(out, messageId, commandId, 0, TYPE_REPLY, 0);
        writeReply(out, reply);
        out.setIntLE(start + HEADER_MESSAGE_SIZE_AT, out.writerIndex() - start);
    }

    /// Appends a reply to a region access up to where its data begin, for a caller that writes them
    /// in place: with [RegionRead] exactly `count` bytes must follow, with [RegionWrite] none.
    ///
    /// @param messageId the id of the command that is answered
    /// @param commandId the number of `REGION_READ` or `REGION_WRITE`
    /// @param region index of the region
    /// @param offset first byte, counted from the start of the region
    /// @param count bytes read or written
    /// @param dataSize bytes that will follow
    public static void startRegionReply(
            ByteBuf out,
            int messageId,
            int commandId,
            int region,
            long offset,
            int count,
            int dataSize) {
        int size = Math.addExact(HEADER_SIZE + REGION_ACCESS_SIZE, dataSize);
        writeHeader(out, messageId, commandId, size, TYPE_REPLY, 0);
        RegionBody.writeAccess(out, region, offset, count);
    }

    /// Appends a reply to `MIG_DATA_READ` up to where its data begin, for a caller that has them in
    /// place: exactly `room` bytes must follow.
    ///
    /// @param messageId the id of the command that is answered
    /// @param size bytes read
    /// @param room bytes of data and of the padding behind them, at least `size`
    public static void startMigDataReply(ByteBuf out, int messageId, int size, int room) {
        int total = Math.addExact(HEADER_SIZE + MIG_DATA_SIZE, room);
        writeHeader(out, messageId, Command.MIG_DATA_READ.id(), total, TYPE_REPLY, 0);
        MigrationBody.writeSize(out, size);
    }

    /// Appends the header of an error reply with a body, for clients that wait for one: exactly
    /// `bodySize` bytes must follow.
    ///
    /// @param messageId the id of the command that is answered
    /// @param commandId the number of the command that is answered
    /// @param errno why it is refused
    public static void startErrorReply(
            ByteBuf out, int messageId, int commandId, Errno errno, int bodySize) {
        int size = Math.addExact(HEADER_SIZE, bodySize);
        writeHeader(out, messageId, commandId, size, TYPE_REPLY | FLAG_ERROR, errno.number());
    }

    static void writeHeader(
            ByteBuf out, int messageId, int commandId, int size, int flags, int error) {
        out.writeShortLE(messageId);
        out.writeShortLE(commandId);
        out.writeIntLE(size);
        out.writeIntLE(flags);
        out.writeIntLE(error);
    }

    static void writeRequest(ByteBuf out, Request request) {
        switch (request) {
            case Version(int major, int minor, var capabilities) ->
                    VersionBody.write(out, major, minor, capabilities);
            case DmaMap map -> DmaBody.writeMap(out, map);
            case DmaUnmap unmap -> DmaBody.writeUnmap(out, unmap);
            case DeviceGetInfo get -> DeviceBody.writeGetInfo(out, get);
            case DeviceGetRegionInfo get -> RegionInfoBody.writeRequest(out, get);
            case DeviceGetRegionIoFds get -> RegionIoFdsBody.writeRequest(out, get);
            case DeviceGetIrqInfo get -> IrqBody.writeGetInfo(out, get);
            case DeviceSetIrqs set -> IrqBody.writeSet(out, set);
            case RegionRead read -> RegionBody.writeRead(out, read);
            case RegionWrite write -> RegionBody.writeWrite(out, write);
            case RegionWriteMulti multi -> RegionBody.writeWriteMulti(out, multi);
            case DmaRead read -> DmaBody.writeRead(out, read);
            case DmaWrite write -> DmaBody.writeWrite(out, write);
            case DeviceFeature feature -> FeatureBody.writeRequest(out, feature);
            case MigDataRead read -> MigrationBody.writeRead(out, read);
            case MigDataWrite write -> MigrationBody.writeWrite(out, write);
            case DeviceReset _, UnknownRequest _ -> {}
        }
    }

    static void writeReply(ByteBuf out, Reply reply) {
        switch (reply) {
            case Version.Reply(int major, int minor, var capabilities) ->
                    VersionBody.write(out, major, minor, capabilities);
            case DmaUnmap.Reply unmapped -> DmaBody.writeUnmapReply(out, unmapped);
            case DeviceGetInfo.Reply info -> DeviceBody.writeGetInfoReply(out, info);
            case DeviceGetRegionInfo.Reply info -> RegionInfoBody.writeReply(out, info);
            case DeviceGetRegionIoFds.Reply fds -> RegionIoFdsBody.writeReply(out, fds);
            case DeviceGetIrqInfo.Reply info -> IrqBody.writeGetInfoReply(out, info);
            case RegionRead.Reply read -> RegionBody.writeReadReply(out, read);
            case RegionWrite.Reply written -> RegionBody.writeWriteReply(out, written);
            case RegionWriteMulti.Reply written -> RegionBody.writeWriteMultiReply(out, written);
            case DmaRead.Reply read -> DmaBody.writeReadReply(out, read);
            case DmaWrite.Reply written -> DmaBody.writeWriteReply(out, written);
            case DeviceFeature.Reply feature -> FeatureBody.writeReply(out, feature);
            case MigDataRead.Reply read -> MigrationBody.writeReadReply(out, read);
            case PayloadReply laidOut -> Bytes.append(out, laidOut.payload());
            case EmptyReply _, ErrorReply _ -> {}
        }
    }
}
