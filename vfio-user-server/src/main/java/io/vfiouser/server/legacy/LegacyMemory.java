package io.vfiouser.server.legacy;

import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.DmaUnmap;
import io.vfiouser.protocol.EmptyReply;
import io.vfiouser.protocol.LegacyRequest.MapRegion;
import io.vfiouser.server.dispatch.Answer;
import io.vfiouser.server.dispatch.Dispatcher;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// DMA_MAP and DMA_UNMAP of tables of regions: region by region, up to the first that is refused.
/// What was done before stays done.
final class LegacyMemory {
    private final Dispatcher today;

    LegacyMemory(Dispatcher today) {
        this.today = today;
    }

    /// @param descriptors one for each mappable region, in order; the caller closes what is left
    Answer map(List<MapRegion> regions, FdBundle descriptors) {
        int next = 0;
        for (MapRegion region : regions) {
            try (FdBundle own =
                    region.mappable() ? takeOne(descriptors, next++) : FdBundle.empty()) {
                today.dispatch(region.map(), own);
            }
        }
        return Answer.EMPTY;
    }

    Answer unmap(List<DmaUnmap> regions) {
        CompletionStage<EmptyReply> rest = unmap(regions.iterator());
        CompletableFuture<EmptyReply> done = rest.toCompletableFuture();
        return done.isDone() && !done.isCompletedExceptionally()
                ? Answer.EMPTY
                : new Answer.Later(rest);
    }

    private CompletionStage<EmptyReply> unmap(Iterator<DmaUnmap> regions) {
        while (regions.hasNext()) {
            Answer answer;
            try {
                answer = today.dispatch(regions.next(), FdBundle.empty());
            } catch (RuntimeException refusal) {
                return CompletableFuture.failedStage(refusal);
            }
            if (answer instanceof Answer.Later(var stage)) {
                return stage.thenCompose(_ -> unmap(regions));
            }
        }
        return CompletableFuture.completedStage(EmptyReply.INSTANCE);
    }

    private static FdBundle takeOne(FdBundle descriptors, int index) {
        if (index >= descriptors.count()) {
            throw LegacyCommands.refused(
                    "descriptors: %d (expected: one for each mappable region)"
                            .formatted(descriptors.count()));
        }
        return FdBundle.of(descriptors.take(index));
    }
}
