package io.vfiouser.server.dispatch;

import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.DmaUnmap;
import io.vfiouser.server.dma.DmaTable;
import io.vfiouser.server.dma.PendingUnmap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// DMA_MAP and DMA_UNMAP (spec: "VFIO_USER_DMA_MAP", "VFIO_USER_DMA_UNMAP").
///
/// The reply to an unmap promises that nothing uses the memory any more. So new leases are refused
/// first, then the device is asked to be quiet, then open leases are waited for, then the memory
/// goes and the reply is sent.
final class DmaCommands {
    private final DmaTable table;
    private final DeviceCalls device;

    DmaCommands(DmaTable table, DeviceCalls device) {
        this.table = table;
        this.device = device;
    }

    Answer map(DmaMap request, FdBundle descriptors) {
        table.map(request, descriptors).ifPresent(device::memoryMapped);
        return Answer.EMPTY;
    }

    Answer unmap(DmaUnmap request) {
        PendingUnmap unmap = begin(request);
        Completion done;
        try {
            done = device.quiesce().then(() -> unused(unmap)).then(() -> finish(unmap));
        } catch (Throwable thrown) {
            unmap.cancel();
            device.resume();
            throw thrown;
        }
        return switch (done) {
            case Completion.Done _ -> Answer.now(DmaUnmap.Reply.to(request));
            case Completion.Pending(var stage) ->
                    new Answer.Later(
                            stage.handle((_, error) -> {
                                if (error != null) {
                                    unmap.cancel();
                                    device.resume();
                                    throw ErrorMapper.asUnchecked(error);
                                }
                                return DmaUnmap.Reply.to(request);
                            }));
        };
    }

    private PendingUnmap begin(DmaUnmap request) {
        if (request.flags() == DmaUnmap.ALL) {
            if (request.address() != 0 || request.size() != 0) {
                throw refused(
                        "address: 0x%x, size: 0x%x (expected: 0 and 0 with ALL)"
                                .formatted(request.address(), request.size()));
            }
            return table.beginUnmapAll();
        }
        if (request.flags() != 0) {
            throw refused(
                    "flags: 0x%x (expected: 0, or ALL 0x2; no dirty page log is on)"
                            .formatted(request.flags()));
        }
        return table.beginUnmap(request.address(), request.size());
    }

    /// Done when nobody uses the regions; a copy that the device begins meanwhile is waited for too.
    private Completion unused(PendingUnmap unmap) {
        if (unmap.users() == 0) {
            return Completion.DONE;
        }
        var unused = new CompletableFuture<@Nullable Void>();
        unmap.whenUnused(() -> device.later(() -> unused.complete(null)));
        return Completion.after(unused).then(() -> unused(unmap));
    }

    private Completion finish(PendingUnmap unmap) {
        unmap.ranges().forEach(device::memoryUnmapped);
        unmap.finish();
        device.resume();
        return Completion.DONE;
    }

    private static RequestRejectedException refused(String message) {
        return new RequestRejectedException(Errno.EINVAL, message);
    }
}
