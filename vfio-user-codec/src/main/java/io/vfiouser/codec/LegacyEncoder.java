package io.vfiouser.codec;

import static io.vfiouser.protocol.LegacyFormat.VM_INTERRUPT_SIZE;
import static io.vfiouser.protocol.WireFormat.DEVICE_INFO_SIZE;
import static io.vfiouser.protocol.WireFormat.FLAGS_AT;
import static io.vfiouser.protocol.WireFormat.FLAG_ERROR;
import static io.vfiouser.protocol.WireFormat.FLAG_NO_REPLY;
import static io.vfiouser.protocol.WireFormat.HEADER_MESSAGE_SIZE_AT;
import static io.vfiouser.protocol.WireFormat.HEADER_SIZE;
import static io.vfiouser.protocol.WireFormat.REGION_ACCESS_SIZE;
import static io.vfiouser.protocol.WireFormat.TYPE_COMMAND;
import static io.vfiouser.protocol.WireFormat.TYPE_REPLY;

import io.netty.buffer.ByteBuf;
import io.vfiouser.protocol.ClientRequest;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.DeviceGetInfo;
import io.vfiouser.protocol.DeviceGetRegionInfo;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.DmaRead;
import io.vfiouser.protocol.DmaUnmap;
import io.vfiouser.protocol.DmaWrite;
import io.vfiouser.protocol.ErrorReply;
import io.vfiouser.protocol.LegacyCommand;
import io.vfiouser.protocol.LegacyRequest;
import io.vfiouser.protocol.LegacyRequest.MapRegion;
import io.vfiouser.protocol.LegacyRequest.MapRegions;
import io.vfiouser.protocol.LegacyRequest.UnmapRegions;
import io.vfiouser.protocol.PayloadReply;
import io.vfiouser.protocol.RegionFlags;
import io.vfiouser.protocol.Reply;
import io.vfiouser.protocol.UnknownRequest;
import io.vfiouser.protocol.Version;
import java.util.List;

/// From a message to bytes of the legacy dialect; see [MessageEncoder], whose rules hold here too.
public final class LegacyEncoder {
    /// The command in every reply.
    private static final int NO_COMMAND = 0;

    /// Most bytes of the reply to `DEVICE_GET_INFO`; the structure has 24 at the time of writing.
    private static final int MAX_DEVICE_INFO = 256;

    private LegacyEncoder() {}

    /// Appends a command that means what it means today.
    ///
    /// @param messageId number that the reply will echo, 0 to 0xffff
    /// @param withDescriptor whether a descriptor goes along, which makes the region of a [DmaMap]
    ///   mappable
    /// @param noReply whether the other side shall send no reply, not even an error
    /// @throws IllegalArgumentException if the dialect has no such command
    public static void encode(
            ByteBuf out,
            int messageId,
            ClientRequest request,
            boolean withDescriptor,
            boolean noReply) {
        encode(out, messageId, legacy(request, withDescriptor), noReply);
    }

    /// Appends a command.
    ///
    /// @param messageId number that the reply will echo, 0 to 0xffff
    /// @param noReply whether the other side shall send no reply, not even an error
    /// @throws IllegalArgumentException if the dialect has no such command
    public static void encode(ByteBuf out, int messageId, LegacyRequest request, boolean noReply) {
        int flags = TYPE_COMMAND | (noReply ? FLAG_NO_REPLY : 0);
        int start = out.writerIndex();
        MessageEncoder.writeHeader(out, messageId, number(request), 0, flags, 0);
        switch (request) {
            case MapRegions(var regions) -> LegacyDmaBody.writeMap(out, regions);
            case UnmapRegions(var regions) -> LegacyDmaBody.writeUnmap(out, regions);
            case LegacyRequest.DirtyPages pages -> DirtyPagesBody.write(out, pages);
            case LegacyRequest.Same(Version version) -> writeVersion(out, version);
            case LegacyRequest.Same(ClientRequest same) -> MessageEncoder.writeRequest(out, same);
        }
        finish(out, start);
    }

    /// Appends a `VM_INTERRUPT`, a command of the server.
    ///
    /// @param messageId number that the reply will echo, 0 to 0xffff
    /// @param vector at least 0
    public static void encodeInterrupt(ByteBuf out, int messageId, int vector) {
        int size = HEADER_SIZE + VM_INTERRUPT_SIZE;
        MessageEncoder.writeHeader(
                out, messageId, LegacyCommand.VM_INTERRUPT.id(), size, TYPE_COMMAND, 0);
        out.writeIntLE(vector);
    }

    /// Appends a reply, whose command is 0.
    ///
    /// @param messageId the id of the command that is answered
    public static void encode(ByteBuf out, int messageId, Reply reply) {
        if (reply instanceof ErrorReply(var errno)) {
            int flags = TYPE_REPLY | FLAG_ERROR;
            MessageEncoder.writeHeader(
                    out, messageId, NO_COMMAND, HEADER_SIZE, flags, errno.number());
            return;
        }
        int start = out.writerIndex();
        MessageEncoder.writeHeader(out, messageId, NO_COMMAND, 0, TYPE_REPLY, 0);
        switch (reply) {
            case Version.Reply(int major, int minor, var capabilities) ->
                    VersionBody.write(
                            out, major, minor, CapabilitiesJson.writeLegacy(capabilities));
            case DmaRead.Reply read -> {
                LegacyDmaBody.writeAccess(out, read.address(), read.count());
                Bytes.append(out, read.data());
            }
            case DmaWrite.Reply written ->
                    LegacyDmaBody.writeAccess(out, written.address(), written.count());
            default -> MessageEncoder.writeReply(out, reply);
        }
        finish(out, start);
    }

    /// Appends a reply to a region access up to where its data begin, as
    /// [MessageEncoder#startRegionReply] does.
    public static void startRegionReply(
            ByteBuf out, int messageId, int region, long offset, int count, int dataSize) {
        int size = Math.addExact(HEADER_SIZE + REGION_ACCESS_SIZE, dataSize);
        MessageEncoder.writeHeader(out, messageId, NO_COMMAND, size, TYPE_REPLY, 0);
        RegionBody.writeAccess(out, region, offset, count);
    }

    /// The reply to a `DEVICE_GET_INFO`: as many bytes as the request has, as each side sends its
    /// own idea of the structure, which has grown since. What is new in it is 0.
    ///
    /// @param into an empty buffer, which becomes the reply's
    /// @param size bytes of the payload of the request
    public static PayloadReply deviceInfo(ByteBuf into, int size, DeviceGetInfo.Reply info) {
        DeviceBody.writeGetInfoReply(into, info);
        into.writeZero(Math.clamp(size, DEVICE_INFO_SIZE, MAX_DEVICE_INFO) - DEVICE_INFO_SIZE);
        return new PayloadReply(into);
    }

    /// The reply to a `DEVICE_GET_REGION_INFO`: exactly as many bytes as the client takes. That
    /// there are capabilities is said even if they are not in it.
    ///
    /// @param into an empty buffer, which becomes the reply's
    /// @param info the reply as one of today; its `argsz` says whether there are capabilities
    public static PayloadReply regionInfo(
            ByteBuf into, DeviceGetRegionInfo request, DeviceGetRegionInfo.Reply info) {
        RegionInfoBody.writeReply(into, info);
        if (!info.complete()) {
            into.setIntLE(FLAGS_AT, info.flags().bits() | RegionFlags.CAPS);
        }
        into.writeZero((int) request.argsz() - into.readableBytes());
        return new PayloadReply(into);
    }

    private static LegacyRequest legacy(ClientRequest request, boolean withDescriptor) {
        return switch (request) {
            case DmaMap map -> new MapRegions(List.of(new MapRegion(map, withDescriptor)));
            case DmaUnmap unmap when unmap.flags() == 0 -> new UnmapRegions(List.of(unmap));
            case DmaUnmap unmap ->
                    throw new IllegalArgumentException(
                            "DMA_UNMAP flags: 0x%x (expected: 0 in the legacy dialect)"
                                    .formatted(unmap.flags()));
            default -> new LegacyRequest.Same(request);
        };
    }

    private static int number(LegacyRequest request) {
        return switch (request) {
            case MapRegions _ -> LegacyCommand.DMA_MAP.id();
            case UnmapRegions _ -> LegacyCommand.DMA_UNMAP.id();
            case LegacyRequest.DirtyPages _ -> LegacyCommand.DIRTY_PAGES.id();
            case LegacyRequest.Same(UnknownRequest(int id)) -> id;
            case LegacyRequest.Same(ClientRequest same) -> number(same);
        };
    }

    private static int number(ClientRequest request) {
        return Command.of(request.commandId())
                .flatMap(LegacyCommand::of)
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                request + " (expected: a command of the legacy dialect)"))
                .id();
    }

    private static void writeVersion(ByteBuf out, Version version) {
        VersionBody.write(
                out,
                version.major(),
                version.minor(),
                CapabilitiesJson.writeLegacy(version.capabilities()));
    }

    private static void finish(ByteBuf out, int start) {
        out.setIntLE(start + HEADER_MESSAGE_SIZE_AT, out.writerIndex() - start);
    }
}
