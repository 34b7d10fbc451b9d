package io.vfiouser.server.migration;

import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.migration.StateSource;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import java.lang.foreign.MemorySegment;

/// State on its way to the client.
final class SavingStream {
    private final StateSource source;
    private final LoopCompletions completions;
    private boolean broken;
    private boolean closed;

    SavingStream(StateSource source, LoopCompletions completions) {
        this.source = source;
        this.completions = completions;
    }

    /// Fills `into`, or reads up to the end of the stream.
    StateRead read(MemorySegment into) {
        if (broken) {
            throw new RequestRejectedException(
                    Errno.EIO, "stream: bytes were lost (expected: the saving state entered anew)");
        }
        var read = new StateRead();
        return read.with(fill(read, into));
    }

    long remaining() {
        return source.remaining();
    }

    void close() {
        closed = true;
        source.close();
    }

    private Completion fill(StateRead read, MemorySegment into) {
        while (read.count() < into.byteSize()) {
            Completion ready = completions.run(source::ready, error -> failed(read, error));
            if (ready instanceof Completion.Pending) {
                return ready.then(() -> take(read, into) ? fill(read, into) : Completion.DONE);
            }
            if (!take(read, into)) {
                break;
            }
        }
        return Completion.DONE;
    }

    /// Reads once; false at the end.
    private boolean take(StateRead read, MemorySegment into) {
        if (closed) {
            throw new DeviceException(
                    Errno.ENOTCONN, "stream: closed (expected: open until the read is done)");
        }
        MemorySegment rest = into.asSlice(read.count());
        int count;
        try {
            count = source.read(rest);
        } catch (Throwable thrown) {
            failed(read, thrown);
            throw thrown;
        }
        if (count < 0 || count > rest.byteSize()) {
            broken = true;
            throw new IllegalStateException(
                    "StateSource.read: "
                            + count
                            + " (expected: 0 to "
                            + rest.byteSize()
                            + ", the bytes that there is room for)");
        }
        read.add(count);
        return count > 0;
    }

    /// A refusal before the first byte can be tried again. After it the bytes are gone, and after
    /// anything else nobody knows where the source stands.
    private void failed(StateRead read, Throwable error) {
        broken |= read.count() > 0 || !(error instanceof DeviceException);
    }
}
