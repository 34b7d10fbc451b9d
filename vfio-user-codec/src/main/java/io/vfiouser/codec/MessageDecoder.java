package io.vfiouser.codec;

import static io.vfiouser.protocol.WireFormat.HEADER_SIZE;

import io.netty.buffer.ByteBuf;
import io.vfiouser.protocol.ClientReply;
import io.vfiouser.protocol.ClientRequest;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.DeviceReset;
import io.vfiouser.protocol.EmptyReply;
import io.vfiouser.protocol.ErrorReply;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.ServerReply;
import io.vfiouser.protocol.ServerRequest;
import io.vfiouser.protocol.UnknownRequest;
import java.util.Optional;

/// From one whole frame to a message.
///
/// Functions instead of a pipeline handler, which saves a hop and an object per message; they hold
/// no state, and any thread may call them. A frame is a buffer whose readable bytes are one
/// message, header first, as [FrameHandler#frame] gets it. Its indexes stay as they are. Messages
/// with bulk data share and retain its memory, and whoever called releases them.
///
/// Requests are checked for their layout only (lengths, `argsz`, counts that must agree with them);
/// ranges that depend on the device are for its handler. A longer payload than needed is accepted
/// and the rest ignored, except where data of a stated length end the message.
public final class MessageDecoder {
    private MessageDecoder() {}

    /// What a client asks, with the default limits for the text of `VERSION`.
    ///
    /// @throws RequestRejectedException with `EINVAL`, if the payload is too short or inconsistent
    public static ClientRequest clientRequest(ByteBuf frame) {
        return clientRequest(frame, CapabilitiesJson.DEFAULT);
    }

    /// What a client asks. A command that a client may not send gives an [UnknownRequest].
    ///
    /// @param json reads the text of `VERSION`
    /// @throws RequestRejectedException with `EINVAL`, if the payload is too short or inconsistent
    public static ClientRequest clientRequest(ByteBuf frame, CapabilitiesJson json) {
        int id = commandId(frame);
        Optional<Command> command = Command.of(id);
        return command.isPresent()
                ? clientRequest(command.get(), frame, json)
                : new UnknownRequest(id);
    }

    /// What a server asks.
    ///
    /// @throws RequestRejectedException with `EINVAL`, if the payload is too short or inconsistent,
    ///   or the command is none that a server may send
    public static ServerRequest serverRequest(ByteBuf frame) {
        int id = commandId(frame);
        if (id == Command.DMA_READ.id()) {
            return DmaBody.readRead(frame);
        }
        if (id == Command.DMA_WRITE.id()) {
            return DmaBody.readWrite(frame);
        }
        throw Body.rejected("command: " + id + " (expected: DMA_READ or DMA_WRITE from a server)");
    }

    /// What a server answers to `command`, with the default limits for the text of `VERSION`.
    ///
    /// An error reply may carry a payload, which is ignored. A good reply without a payload gives
    /// an [EmptyReply] where that is right, and also for region accesses, features and `DMA_UNMAP`,
    /// which the reference server sometimes answers so.
    ///
    /// @throws IllegalArgumentException if `command` is not for a server
    /// @throws ProtocolViolationException if the reply is to another command, or its payload is too
    ///   short or inconsistent
    public static ServerReply serverReply(Command command, ByteBuf frame) {
        if (command.direction() != Command.Direction.CLIENT_TO_SERVER) {
            throw new IllegalArgumentException(
                    "command: " + command + " (expected: one that a client sends)");
        }
        try {
            return isError(command, frame) ? error(frame) : goodServerReply(command, frame);
        } catch (RequestRejectedException e) {
            throw new ProtocolViolationException("reply to " + command, e);
        }
    }

    /// What a client answers to `command`.
    ///
    /// An error reply may carry a payload, which is ignored. A good reply to `DMA_WRITE` without a
    /// payload, as QEMU 10.1 sends it, gives an [EmptyReply].
    ///
    /// @throws IllegalArgumentException if `command` is not for a client
    /// @throws ProtocolViolationException if the reply is to another command, or its payload is too
    ///   short or inconsistent
    public static ClientReply clientReply(Command command, ByteBuf frame) {
        if (command.direction() != Command.Direction.SERVER_TO_CLIENT) {
            throw new IllegalArgumentException(
                    "command: " + command + " (expected: one that a server sends)");
        }
        try {
            if (isError(command, frame)) {
                return error(frame);
            }
            if (command == Command.DMA_READ) {
                return DmaBody.readReadReply(frame);
            }
            return Body.length(frame) == 0 ? EmptyReply.INSTANCE : DmaBody.readWriteReply(frame);
        } catch (RequestRejectedException e) {
            throw new ProtocolViolationException("reply to " + command, e);
        }
    }

    private static ClientRequest clientRequest(
            Command command, ByteBuf frame, CapabilitiesJson json) {
        return switch (command) {
            case VERSION -> VersionBody.readRequest(frame, json);
            case DMA_MAP -> DmaBody.readMap(frame);
            case DMA_UNMAP -> DmaBody.readUnmap(frame);
            case DEVICE_GET_INFO -> DeviceBody.readGetInfo(frame);
            case DEVICE_GET_REGION_INFO -> RegionInfoBody.readRequest(frame);
            case DEVICE_GET_REGION_IO_FDS -> RegionIoFdsBody.readRequest(frame);
            case DEVICE_GET_IRQ_INFO -> IrqBody.readGetInfo(frame);
            case DEVICE_SET_IRQS -> IrqBody.readSet(frame);
            case REGION_READ -> RegionBody.readRead(frame);
            case REGION_WRITE -> RegionBody.readWrite(frame);
            case DEVICE_RESET -> new DeviceReset();
            case REGION_WRITE_MULTI -> RegionBody.readWriteMulti(frame);
            case DEVICE_FEATURE -> FeatureBody.readRequest(frame);
            case MIG_DATA_READ -> MigrationBody.readRead(frame);
            case MIG_DATA_WRITE -> MigrationBody.readWrite(frame);
            case DMA_READ, DMA_WRITE -> new UnknownRequest(command.id());
        };
    }

    private static ServerReply goodServerReply(Command command, ByteBuf frame) {
        boolean empty = Body.length(frame) == 0;
        return switch (command) {
            case VERSION -> VersionBody.readReply(frame, CapabilitiesJson.DEFAULT);
            case DMA_MAP, DEVICE_SET_IRQS, DEVICE_RESET, MIG_DATA_WRITE -> EmptyReply.INSTANCE;
            case DMA_UNMAP -> empty ? EmptyReply.INSTANCE : DmaBody.readUnmapReply(frame);
            case DEVICE_GET_INFO -> DeviceBody.readGetInfoReply(frame);
            case DEVICE_GET_REGION_INFO -> RegionInfoBody.readReply(frame);
            case DEVICE_GET_REGION_IO_FDS -> RegionIoFdsBody.readReply(frame);
            case DEVICE_GET_IRQ_INFO -> IrqBody.readGetInfoReply(frame);
            case REGION_READ -> empty ? EmptyReply.INSTANCE : RegionBody.readReadReply(frame);
            case REGION_WRITE -> empty ? EmptyReply.INSTANCE : RegionBody.readWriteReply(frame);
            case REGION_WRITE_MULTI -> RegionBody.readWriteMultiReply(frame);
            case DEVICE_FEATURE -> empty ? EmptyReply.INSTANCE : FeatureBody.readReply(frame);
            case MIG_DATA_READ -> MigrationBody.readReadReply(frame);
            case DMA_READ, DMA_WRITE -> throw new AssertionError(command);
        };
    }

    private static boolean isError(Command command, ByteBuf frame) {
        int id = commandId(frame);
        // Servers of 2021 leave the command 0 in every reply.
        if (id != command.id() && id != 0) {
            throw Body.rejected("command: " + id + " (expected: " + command.id() + ")");
        }
        return MessageHeader.isError(frame, frame.readerIndex());
    }

    private static ErrorReply error(ByteBuf frame) {
        int error = MessageHeader.error(frame, frame.readerIndex());
        return new ErrorReply(MessageHeader.errnoOf(error));
    }

    private static int commandId(ByteBuf frame) {
        if (frame.readableBytes() < HEADER_SIZE) {
            throw Body.rejected("message: " + frame.readableBytes() + " bytes (expected: >= 16)");
        }
        return MessageHeader.commandId(frame, frame.readerIndex());
    }
}
