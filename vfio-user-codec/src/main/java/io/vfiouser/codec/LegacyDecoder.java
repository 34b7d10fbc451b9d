package io.vfiouser.codec;

import static io.vfiouser.protocol.LegacyFormat.VM_INTERRUPT_SIZE;
import static io.vfiouser.protocol.WireFormat.ARGSZ_AT;
import static io.vfiouser.protocol.WireFormat.DEVICE_INFO_SIZE;
import static io.vfiouser.protocol.WireFormat.IRQ_INFO_SIZE;
import static io.vfiouser.protocol.WireFormat.SET_IRQS_SIZE;

import io.netty.buffer.ByteBuf;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.ClientRequest;
import io.vfiouser.protocol.DeviceGetInfo;
import io.vfiouser.protocol.DeviceGetRegionInfo;
import io.vfiouser.protocol.DeviceReset;
import io.vfiouser.protocol.EmptyReply;
import io.vfiouser.protocol.ErrorReply;
import io.vfiouser.protocol.LegacyCommand;
import io.vfiouser.protocol.LegacyRequest;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.PayloadReply;
import io.vfiouser.protocol.ServerReply;
import io.vfiouser.protocol.ServerRequest;
import io.vfiouser.protocol.UnknownRequest;

/// From one whole frame of the legacy dialect to a message; see [MessageDecoder], whose rules hold
/// here too. What means the same becomes the same message.
public final class LegacyDecoder {
    /// Most that a client may ask for in the reply to `DEVICE_GET_REGION_INFO`, which has as many
    /// bytes as it asks for.
    private static final long MAX_REGION_INFO = 1 << 20;

    private static final int MAX_ERRNO = 4095;

    private LegacyDecoder() {}

    /// What a client asks, with the default limits for the text of `VERSION`.
    ///
    /// @throws RequestRejectedException with `EINVAL`, if the payload is too short or inconsistent
    public static LegacyRequest clientRequest(ByteBuf frame) {
        return clientRequest(frame, CapabilitiesJson.LEGACY);
    }

    /// What a client asks. A command that a client may not send gives an [UnknownRequest].
    ///
    /// @param json reads the text of `VERSION`
    /// @throws RequestRejectedException with `EINVAL`, if the payload is too short or inconsistent
    public static LegacyRequest clientRequest(ByteBuf frame, CapabilitiesJson json) {
        int id = MessageHeader.commandId(frame, frame.readerIndex());
        LegacyCommand command = LegacyCommand.of(id).orElse(null);
        if (command == null) {
            return new LegacyRequest.Same(new UnknownRequest(id));
        }
        return switch (command) {
            case DMA_MAP -> LegacyDmaBody.readMap(frame);
            case DMA_UNMAP -> LegacyDmaBody.readUnmap(frame);
            case DIRTY_PAGES -> DirtyPagesBody.read(frame);
            case VERSION -> new LegacyRequest.Same(VersionBody.readRequest(frame, json));
            case DEVICE_GET_INFO -> new LegacyRequest.Same(readInfo(frame));
            case DEVICE_GET_REGION_INFO -> new LegacyRequest.Same(readRegionInfo(frame));
            case DEVICE_GET_IRQ_INFO -> new LegacyRequest.Same(readIrqInfo(frame));
            case DEVICE_SET_IRQS -> new LegacyRequest.Same(readSetIrqs(frame));
            case REGION_READ -> new LegacyRequest.Same(RegionBody.readRead(frame));
            case REGION_WRITE -> new LegacyRequest.Same(RegionBody.readWrite(frame));
            case DEVICE_RESET -> new LegacyRequest.Same(new DeviceReset());
            case DMA_READ, DMA_WRITE, VM_INTERRUPT ->
                    new LegacyRequest.Same(new UnknownRequest(id));
        };
    }

    /// A `DMA_READ` or `DMA_WRITE` of a server.
    ///
    /// @throws RequestRejectedException with `EINVAL`, if the payload is too short or inconsistent,
    ///   or the command is another one
    public static ServerRequest dmaRequest(ByteBuf frame) {
        int id = MessageHeader.commandId(frame, frame.readerIndex());
        if (id == LegacyCommand.DMA_READ.id()) {
            return LegacyDmaBody.readRead(frame);
        }
        if (id == LegacyCommand.DMA_WRITE.id()) {
            return LegacyDmaBody.readWrite(frame);
        }
        throw Body.rejected("command: " + id + " (expected: DMA_READ or DMA_WRITE)");
    }

    /// The vector of a `VM_INTERRUPT` of a server.
    ///
    /// @throws RequestRejectedException with `EINVAL`, if the payload is too short or the vector
    ///   needs all 32 bits
    public static int interruptVector(ByteBuf frame) {
        Body.require(frame, VM_INTERRUPT_SIZE);
        return Body.u31(frame, 0, "subindex");
    }

    /// What a server answers to `command`.
    ///
    /// The command number in it is not looked at: servers leave it 0. An error that is negated, as
    /// they send it for `VERSION`, is taken for what it means. The offset of a region in the reply
    /// to `DEVICE_GET_REGION_INFO` is taken for 0, as descriptors show the region from its start.
    ///
    /// @throws IllegalArgumentException if `command` is one that a server sends
    /// @throws ProtocolViolationException if the payload is too short or inconsistent
    public static ServerReply serverReply(LegacyCommand command, ByteBuf frame) {
        try {
            int start = frame.readerIndex();
            return MessageHeader.isError(frame, start)
                    ? new ErrorReply(errno(MessageHeader.error(frame, start)))
                    : goodReply(command, frame);
        } catch (RequestRejectedException e) {
            throw new ProtocolViolationException("reply to " + command, e);
        }
    }

    private static ServerReply goodReply(LegacyCommand command, ByteBuf frame) {
        int length = Body.length(frame);
        return switch (command) {
            case VERSION -> VersionBody.readReply(frame, CapabilitiesJson.LEGACY);
            case DMA_MAP, DMA_UNMAP, DEVICE_SET_IRQS, DEVICE_RESET -> EmptyReply.INSTANCE;
            case DEVICE_GET_INFO -> DeviceBody.readGetInfoReply(frame);
            case DEVICE_GET_REGION_INFO -> fromStart(RegionInfoBody.readReply(frame));
            case DEVICE_GET_IRQ_INFO -> IrqBody.readGetInfoReply(frame);
            case REGION_READ -> length == 0 ? EmptyReply.INSTANCE : RegionBody.readReadReply(frame);
            case REGION_WRITE ->
                    length == 0 ? EmptyReply.INSTANCE : RegionBody.readWriteReply(frame);
            case DIRTY_PAGES ->
                    length == 0
                            ? EmptyReply.INSTANCE
                            : new PayloadReply(Body.retained(frame, 0, length));
            case DMA_READ, DMA_WRITE, VM_INTERRUPT ->
                    throw new IllegalArgumentException(
                            "command: " + command + " (expected: one that a client sends)");
        };
    }

    private static DeviceGetRegionInfo.Reply fromStart(DeviceGetRegionInfo.Reply info) {
        return new DeviceGetRegionInfo.Reply(
                info.argsz(), info.region(), info.flags(), info.size(), 0, info.capabilities());
    }

    private static Errno errno(int error) {
        return error < 0 && error >= -MAX_ERRNO ? Errno.of(-error) : MessageHeader.errnoOf(error);
    }

    /// Old clients say nothing sensible in `argsz`.
    private static ClientRequest readInfo(ByteBuf frame) {
        Body.require(frame, DEVICE_INFO_SIZE);
        return new DeviceGetInfo(Body.u32(frame, ARGSZ_AT));
    }

    private static ClientRequest readRegionInfo(ByteBuf frame) {
        DeviceGetRegionInfo request = RegionInfoBody.readRequest(frame);
        if (request.argsz() > MAX_REGION_INFO) {
            throw Body.rejected(
                    "argsz: %d (expected: at most %d)".formatted(request.argsz(), MAX_REGION_INFO));
        }
        return request;
    }

    private static ClientRequest readIrqInfo(ByteBuf frame) {
        Body.requireExactly(frame, IRQ_INFO_SIZE, 0);
        requireArgszOfPayload(frame);
        return IrqBody.readGetInfo(frame);
    }

    private static ClientRequest readSetIrqs(ByteBuf frame) {
        Body.require(frame, SET_IRQS_SIZE);
        requireArgszOfPayload(frame);
        return IrqBody.readSet(frame);
    }

    private static void requireArgszOfPayload(ByteBuf frame) {
        long argsz = Body.u32(frame, ARGSZ_AT);
        if (argsz != Body.length(frame)) {
            throw Body.rejected(
                    "argsz: %d (expected: %d, the payload)".formatted(argsz, Body.length(frame)));
        }
    }
}
