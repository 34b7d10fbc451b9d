package io.vfiouser.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vfiouser.client.SizedQuery.Step;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.ClientRequest;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.DeviceFeature;
import io.vfiouser.protocol.DeviceGetInfo;
import io.vfiouser.protocol.DeviceGetIrqInfo;
import io.vfiouser.protocol.DeviceGetRegionInfo;
import io.vfiouser.protocol.DeviceGetRegionIoFds;
import io.vfiouser.protocol.DeviceReset;
import io.vfiouser.protocol.DeviceSetIrqs;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.DmaUnmap;
import io.vfiouser.protocol.EmptyReply;
import io.vfiouser.protocol.LegacyCommand;
import io.vfiouser.protocol.LegacyRequest;
import io.vfiouser.protocol.MigDataRead;
import io.vfiouser.protocol.MigDataWrite;
import io.vfiouser.protocol.PayloadReply;
import io.vfiouser.protocol.RegionRead;
import io.vfiouser.protocol.RegionWrite;
import io.vfiouser.protocol.RegionWriteMulti;
import io.vfiouser.protocol.ServerReply;
import io.vfiouser.protocol.WireFormat;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Every command as a future, for callers that pipeline or may not block.
///
/// Any thread may call; commands of one thread are sent in the order of its calls, without waiting
/// for replies. Futures are completed on the client's loop, where nothing may block; they fail with
/// a [ClientException]. Cancelling one only means that nobody waits: the server still executes the
/// command. Requests and descriptors that are passed in are taken over.
public final class AsyncCommands {
    private final ClientSession session;
    private final Duration timeout;

    AsyncCommands(ClientSession session, Duration timeout) {
        this.session = session;
        this.timeout = timeout;
    }

    /// Sends any command and gives the reply as it comes, error replies included.
    ///
    /// The answer must be closed.
    public CompletableFuture<ServerAnswer> send(ClientRequest request, FdBundle descriptors) {
        return session.call(
                request,
                descriptors,
                timeout,
                (reply, received) ->
                        new ServerAnswer(HeapReplies.copy(reply), ReplyReader.takeAll(received)));
    }

    /// Sends any command with the `no reply` flag.
    ///
    /// @return completed when the socket has taken it, which says nothing about its success
    public CompletableFuture<@Nullable Void> post(ClientRequest request, FdBundle descriptors) {
        return session.post(request, descriptors);
    }

    /// Asks what the device is (spec: "VFIO_USER_DEVICE_GET_INFO").
    public CompletableFuture<DeviceGetInfo.Reply> info() {
        return call(DeviceGetInfo.Reply.class, new DeviceGetInfo());
    }

    /// Asks for one region, twice if its capabilities need more room than the first reply has
    /// (spec: "VFIO_USER_DEVICE_GET_REGION_INFO"). The result must be closed.
    public CompletableFuture<RegionInfo> regionInfo(int region) {
        return new SizedQuery<>(
                        session,
                        timeout,
                        argsz -> new DeviceGetRegionInfo(argsz, region),
                        AsyncCommands::regionInfoStep,
                        RegionInfo::close)
                .start(WireFormat.REGION_INFO_SIZE);
    }

    /// Asks for one region by a message of a given size, zero beyond what the command has, as SPDK
    /// does; only once. The result must be closed.
    ///
    /// @param messageSize bytes, header included, 48 to 4096; what follows the header is the room
    ///   announced for the reply
    public CompletableFuture<RegionInfo> regionInfo(int region, int messageSize) {
        ByteBuf message = session.buffer();
        PaddedQuery.encode(message, region, messageSize);
        return session.callEncoded(
                        Command.DEVICE_GET_REGION_INFO.id(),
                        message,
                        FdBundle.empty(),
                        timeout,
                        AsyncCommands::regionInfoStep)
                .thenApply(PaddedQuery::whole);
    }

    /// Asks for descriptors that replace messages, twice if needed (spec:
    /// "VFIO_USER_DEVICE_GET_REGION_IO_FDS"). The result must be closed.
    public CompletableFuture<RegionIoFds> regionIoFds(int region) {
        return new SizedQuery<>(
                        session,
                        timeout,
                        argsz -> new DeviceGetRegionIoFds(argsz, region),
                        AsyncCommands::regionIoFdsStep,
                        RegionIoFds::close)
                .start(WireFormat.REGION_IO_FDS_SIZE);
    }

    /// Asks for one interrupt type (spec: "VFIO_USER_DEVICE_GET_IRQ_INFO").
    public CompletableFuture<DeviceGetIrqInfo.Reply> irqInfo(int index) {
        return call(DeviceGetIrqInfo.Reply.class, new DeviceGetIrqInfo(index));
    }

    /// Sets, fires, masks or unmasks interrupts (spec: "VFIO_USER_DEVICE_SET_IRQS").
    public CompletableFuture<EmptyReply> setIrqs(DeviceSetIrqs request, FdBundle descriptors) {
        return call(request, descriptors, reply -> done(request, reply));
    }

    /// Reads from a region (spec: "VFIO_USER_REGION_READ").
    ///
    /// @param count bytes, at most the server's `max_data_xfer_size`
    /// @return the bytes, fewer than asked for if the server says so
    public CompletableFuture<byte[]> regionRead(int region, long offset, int count) {
        var request = new RegionRead(region, offset, count);
        return call(
                request,
                FdBundle.empty(),
                reply -> {
                    if (count == 0 && reply == EmptyReply.INSTANCE) {
                        return new byte[0];
                    }
                    int id = request.commandId();
                    var read = ReplyCheck.expect(RegionRead.Reply.class, id, reply);
                    ReplyCheck.expectAtMost(count, read.count(), id);
                    return ByteBufUtil.getBytes(read.data());
                });
    }

    /// Writes to a region (spec: "VFIO_USER_REGION_WRITE").
    ///
    /// @param data at most as many bytes as the server's `max_data_xfer_size`; copied
    /// @return bytes written, fewer than given if the server says so
    public CompletableFuture<Integer> regionWrite(int region, long offset, byte[] data) {
        var request = new RegionWrite(region, offset, Unpooled.wrappedBuffer(data));
        int id = request.commandId();
        return call(
                request,
                FdBundle.empty(),
                reply -> {
                    if (data.length == 0 && reply == EmptyReply.INSTANCE) {
                        return 0;
                    }
                    var written = ReplyCheck.expect(RegionWrite.Reply.class, id, reply);
                    return ReplyCheck.expectAtMost(data.length, written.count(), id);
                });
    }

    /// Writes to a region without a reply: a posted write.
    ///
    /// @param data at most as many bytes as the server's `max_data_xfer_size`; copied
    /// @return completed when the socket has taken it
    public CompletableFuture<@Nullable Void> regionPost(int region, long offset, byte[] data) {
        return post(
                new RegionWrite(region, offset, Unpooled.wrappedBuffer(data)), FdBundle.empty());
    }

    /// Writes several small values (spec: "VFIO_USER_REGION_WRITE_MULTI").
    ///
    /// @return how many writes were done
    public CompletableFuture<Long> regionWriteMulti(List<RegionWriteMulti.Write> writes) {
        var request = new RegionWriteMulti(writes);
        return call(
                request,
                FdBundle.empty(),
                reply ->
                        ReplyCheck.expect(RegionWriteMulti.Reply.class, request.commandId(), reply)
                                .writeCount());
    }

    /// Makes memory known to the server (spec: "VFIO_USER_DMA_MAP").
    ///
    /// [VfioUserClient#memory()] does not learn of it.
    public CompletableFuture<EmptyReply> dmaMap(DmaMap request, FdBundle descriptors) {
        return call(request, descriptors, reply -> done(request, reply));
    }

    /// Withdraws memory (spec: "VFIO_USER_DMA_UNMAP").
    ///
    /// [VfioUserClient#memory()] does not learn of it.
    ///
    /// @return the dirty bitmap; empty unless the request asks for one
    public CompletableFuture<byte[]> dmaUnmap(DmaUnmap request) {
        return call(
                request,
                FdBundle.empty(),
                reply -> {
                    if (reply == EmptyReply.INSTANCE && request.bitmapSize() == 0) {
                        // The reference server, if its device uses no client memory.
                        return new byte[0];
                    }
                    int id = request.commandId();
                    return ByteBufUtil.getBytes(
                            ReplyCheck.expect(DmaUnmap.Reply.class, id, reply).bitmap());
                });
    }

    /// Starts, stops or reads the log of dirty pages of a server of the legacy dialect (spec of
    /// 2021: "VFIO_USER_DIRTY_PAGES").
    ///
    /// @return the bitmaps one after another; empty unless the request asks for some
    /// @throws IllegalStateException in the dialect of today
    public CompletableFuture<byte[]> dirtyPages(LegacyRequest.DirtyPages request) {
        return session.callDirtyPages(
                request,
                timeout,
                (reply, _) ->
                        switch (reply) {
                            case PayloadReply(var bitmaps) -> ByteBufUtil.getBytes(bitmaps);
                            default -> {
                                ReplyCheck.expect(
                                        EmptyReply.class, LegacyCommand.DIRTY_PAGES.id(), reply);
                                yield new byte[0];
                            }
                        });
    }

    /// Resets the device (spec: "VFIO_USER_DEVICE_RESET").
    public CompletableFuture<EmptyReply> reset() {
        return call(EmptyReply.class, new DeviceReset());
    }

    /// Reads, writes or probes a feature (spec: "VFIO_USER_DEVICE_FEATURE").
    ///
    /// @return the data of the reply; those of a `DmaLoggingBitmap` lie on the heap and need not be
    ///   released
    public CompletableFuture<DeviceFeature.Reply> feature(DeviceFeature request) {
        return call(
                request,
                FdBundle.empty(),
                reply ->
                        HeapReplies.copy(
                                ReplyCheck.expect(
                                        DeviceFeature.Reply.class, request.commandId(), reply)));
    }

    /// Takes migration data (spec: "VFIO_USER_MIG_DATA_READ").
    ///
    /// @param size bytes, at most the client's `max_data_xfer_size`
    /// @return the bytes; fewer than asked for end the stream
    public CompletableFuture<byte[]> migDataRead(int size) {
        var request = new MigDataRead(size);
        return call(
                request,
                FdBundle.empty(),
                reply -> {
                    int id = request.commandId();
                    var read = ReplyCheck.expect(MigDataRead.Reply.class, id, reply);
                    ReplyCheck.expectAtMost(size, read.data().readableBytes(), id);
                    return ByteBufUtil.getBytes(read.data());
                });
    }

    /// Gives migration data (spec: "VFIO_USER_MIG_DATA_WRITE").
    ///
    /// @param data at most as many bytes as the server's `max_data_xfer_size`; copied
    public CompletableFuture<EmptyReply> migDataWrite(byte[] data) {
        return call(EmptyReply.class, new MigDataWrite(Unpooled.wrappedBuffer(data)));
    }

    private <R extends ServerReply> CompletableFuture<R> call(
            Class<R> kind, ClientRequest request) {
        int id = request.commandId();
        return call(request, FdBundle.empty(), reply -> ReplyCheck.expect(kind, id, reply));
    }

    /// Sends a command whose reply brings no descriptors; if it does, they are closed.
    private <T> CompletableFuture<T> call(
            ClientRequest request, FdBundle descriptors, Function<ServerReply, T> reader) {
        return session.call(request, descriptors, timeout, (reply, _) -> reader.apply(reply));
    }

    private static EmptyReply done(ClientRequest request, ServerReply reply) {
        return ReplyCheck.expect(EmptyReply.class, request.commandId(), reply);
    }

    private static Step<RegionInfo> regionInfoStep(ServerReply reply, FdBundle received) {
        int id = Command.DEVICE_GET_REGION_INFO.id();
        var info = ReplyCheck.expect(DeviceGetRegionInfo.Reply.class, id, reply);
        return info.complete()
                ? new Step.Done<>(new RegionInfo(info, ReplyReader.takeAll(received)))
                : new Step.Again<>(info.argsz());
    }

    private static Step<RegionIoFds> regionIoFdsStep(ServerReply reply, FdBundle received) {
        int id = Command.DEVICE_GET_REGION_IO_FDS.id();
        var fds = ReplyCheck.expect(DeviceGetRegionIoFds.Reply.class, id, reply);
        return fds.entries().size() == fds.count()
                ? new Step.Done<>(new RegionIoFds(fds, ReplyReader.takeAll(received)))
                : new Step.Again<>(fds.argsz());
    }
}
