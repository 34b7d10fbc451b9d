package io.vfiouser.server.dispatch;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.device.region.Region;
import io.vfiouser.protocol.RegionWriteMulti;
import io.vfiouser.server.region.RegionTable;
import java.lang.foreign.MemorySegment;

/// REGION_WRITE_MULTI: small writes in order, ending at the first that fails. The reply tells how
/// many were done; only if that is none, the client gets the error itself.
final class WriteMulti {
    private final RegionTable regions;
    private final DeviceCalls device;

    WriteMulti(RegionTable regions, DeviceCalls device) {
        this.regions = regions;
        this.device = device;
    }

    Answer run(RegionWriteMulti request) {
        Progress progress = new Progress();
        Completion all = Completion.DONE;
        for (RegionWriteMulti.Write write : request.writes()) {
            all = all.then(() -> one(write, progress));
        }
        return switch (all) {
            case Completion.Done _ -> Answer.now(new RegionWriteMulti.Reply(progress.done));
            case Completion.Pending(var stage) ->
                    new Answer.Later(
                            stage.thenApply(_ -> new RegionWriteMulti.Reply(progress.done)));
        };
    }

    private Completion one(RegionWriteMulti.Write write, Progress progress) {
        if (progress.failed) {
            return Completion.DONE;
        }
        try {
            int count = write.count();
            Region region = regions.writable(write.region(), write.offset(), count);
            MemorySegment data = MemorySegment.ofArray(new byte[count]);
            LittleEndian.put(data, 0, count, write.data());
            return count(device.onLoop(region.handler().write(write.offset(), data)), progress);
        } catch (RuntimeException e) {
            progress.fail(e);
            return Completion.DONE;
        }
    }

    private static Completion count(Completion written, Progress progress) {
        if (written instanceof Completion.Pending(var stage)) {
            return Completion.after(
                    stage.handle((_, error) -> {
                        if (error == null) {
                            progress.done++;
                        } else {
                            progress.fail(ErrorMapper.asUnchecked(error));
                        }
                        return progress;
                    }));
        }
        progress.done++;
        return Completion.DONE;
    }

    private static final class Progress {
        long done;
        boolean failed;

        /// The first write's error is that of the command; a later one only ends it.
        void fail(RuntimeException error) {
            failed = true;
            if (done == 0) {
                throw error;
            }
        }
    }
}
