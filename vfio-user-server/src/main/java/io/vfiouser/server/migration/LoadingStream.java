package io.vfiouser.server.migration;

import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import java.lang.foreign.MemorySegment;

/// State on its way from the client.
final class LoadingStream {
    private final StateSink sink;
    private final LoopCompletions completions;
    private boolean broken;

    LoadingStream(StateSink sink, LoopCompletions completions) {
        this.sink = sink;
        this.completions = completions;
    }

    Completion write(MemorySegment from) {
        checkWhole();
        return completions.run(() -> sink.write(from), this::failed);
    }

    /// Checks and applies what was written.
    Completion finish() {
        checkWhole();
        return sink.finish();
    }

    void abort() {
        sink.abort();
    }

    /// After a refusal the sink is where it was; after anything else nobody knows.
    private void failed(Throwable error) {
        broken |= !(error instanceof DeviceException);
    }

    private void checkWhole() {
        if (broken) {
            throw new RequestRejectedException(
                    Errno.EIO, "stream: a write was lost (expected: the device reset)");
        }
    }
}
