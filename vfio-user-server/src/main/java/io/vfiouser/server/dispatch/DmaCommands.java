package io.vfiouser.server.dispatch;

import io.netty.buffer.Unpooled;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.DmaUnmap;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.server.dma.DirtyLog;
import io.vfiouser.server.dma.DirtyRange;
import io.vfiouser.server.dma.DmaTable;
import io.vfiouser.server.dma.PendingUnmap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// DMA_MAP and DMA_UNMAP (spec: "VFIO_USER_DMA_MAP", "VFIO_USER_DMA_UNMAP").
///
/// The reply to an unmap promises that nothing uses the memory any more. So new leases are refused
/// first, then the device is asked to be quiet, then open leases are waited for, then the memory
/// goes and the reply is sent. If the client wants the dirty pages as well, they are looked at
/// last.
final class DmaCommands {
    private final DmaTable table;
    private final DirtyLog log;
    private final DeviceCalls device;

    DmaCommands(DmaTable table, DirtyLog log, DeviceCalls device) {
        this.table = table;
        this.log = log;
        this.device = device;
    }

    Answer map(DmaMap request, FdBundle descriptors) {
        table.map(request, descriptors).ifPresent(this::announce);
        return Answer.EMPTY;
    }

    Answer unmap(DmaUnmap request) {
        PendingUnmap unmap = begin(request);
        Completion unused;
        try {
            unused = device.quiesce().then(() -> unused(unmap, device));
        } catch (Throwable thrown) {
            cancel(unmap);
            throw thrown;
        }
        return switch (unused) {
            case Completion.Done _ ->
                    UnmapInTurns.isWorthwhile(unmap)
                            ? new Answer.Later(finishInTurns(request, unmap))
                            : Answer.now(finish(request, unmap));
            case Completion.Pending(var stage) -> new Answer.Later(finish(request, unmap, stage));
        };
    }

    /// A device that does not take the memory leaves the client without it.
    private void announce(DmaRange range) {
        try {
            device.memoryMapped(range);
        } catch (Throwable thrown) {
            PendingUnmap undone = table.beginUnmap(range.iova(), range.length());
            undone.whenUnused(undone::finish);
            throw thrown;
        }
    }

    private PendingUnmap begin(DmaUnmap request) {
        switch (request.flags()) {
            case DmaUnmap.ALL -> {
                if (request.address() != 0 || request.size() != 0) {
                    throw refused(
                            "address: 0x%x, size: 0x%x (expected: 0 and 0 with ALL)"
                                    .formatted(request.address(), request.size()));
                }
                return table.beginUnmapAll();
            }
            case DmaUnmap.GET_BITMAP -> checkBitmap(request);
            case 0 -> {}
            default ->
                    throw refused(
                            "flags: 0x%x (expected: 0, GET_BITMAP 0x1 or ALL 0x2)"
                                    .formatted(request.flags()));
        }
        return table.beginUnmap(request.address(), request.size());
    }

    private void checkBitmap(DmaUnmap request) {
        int size = log.check(table, pages(request));
        if (request.bitmapSize() != size) {
            throw refused(
                    "bitmap: %s bytes (expected: %d)"
                            .formatted(Long.toUnsignedString(request.bitmapSize()), size));
        }
        long needed = WireFormat.DMA_UNMAP_BITMAP_SIZE + (long) size;
        if (request.argsz() < needed) {
            throw refused("argsz: %d (expected: at least %d)".formatted(request.argsz(), needed));
        }
    }

    private static DirtyRange pages(DmaUnmap request) {
        return new DirtyRange(request.address(), request.size(), request.bitmapPageSize());
    }

    /// Done when nobody uses the regions; a copy that the device begins meanwhile is waited for
    /// too.
    static Completion unused(PendingUnmap unmap, DeviceCalls device) {
        if (unmap.users() == 0) {
            return Completion.DONE;
        }
        var unused = new CompletableFuture<@Nullable Void>();
        unmap.whenUnused(() -> device.later(() -> unused.complete(null)));
        return Completion.after(unused).then(() -> unused(unmap, device));
    }

    private CompletionStage<DmaUnmap.Reply> finish(
            DmaUnmap request, PendingUnmap unmap, CompletionStage<?> unused) {
        return unused.handle((_, error) -> error)
                .thenCompose(error -> {
                    if (error != null) {
                        cancel(unmap);
                        return CompletableFuture.failedStage(ErrorMapper.asUnchecked(error));
                    }
                    return UnmapInTurns.isWorthwhile(unmap)
                            ? finishInTurns(request, unmap)
                            : CompletableFuture.completedStage(finish(request, unmap));
                });
    }

    /// All regions, without a bitmap: that is only for one.
    private CompletionStage<DmaUnmap.Reply> finishInTurns(DmaUnmap request, PendingUnmap unmap) {
        CompletionStage<?> gone;
        try {
            gone = UnmapInTurns.start(unmap, device);
        } catch (Throwable thrown) {
            cancel(unmap);
            throw thrown;
        }
        return gone.whenComplete((_, _) -> cancel(unmap))
                .thenApply(_ -> DmaUnmap.Reply.to(request));
    }

    private DmaUnmap.Reply finish(DmaUnmap request, PendingUnmap unmap) {
        try {
            unmap.ranges().forEach(device::memoryUnmapped);
            DmaUnmap.Reply reply = reply(request);
            unmap.finish();
            return reply;
        } finally {
            cancel(unmap);
        }
    }

    private DmaUnmap.Reply reply(DmaUnmap request) {
        return request.flags() == DmaUnmap.GET_BITMAP
                ? DmaUnmap.Reply.to(
                        request, Unpooled.wrappedBuffer(log.report(table, pages(request))))
                : DmaUnmap.Reply.to(request);
    }

    /// Ends the unmap, which leaves what has not been taken away, and lets the device go on.
    private void cancel(PendingUnmap unmap) {
        unmap.cancel();
        device.resume();
    }

    private static RequestRejectedException refused(String message) {
        return new RequestRejectedException(Errno.EINVAL, message);
    }
}
