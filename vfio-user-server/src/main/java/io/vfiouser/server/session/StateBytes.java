package io.vfiouser.server.session;

import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.migration.StateSource;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.server.image.ImageException;
import io.vfiouser.server.loop.DeviceLoop;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;

/// The stream of a device's state as bytes, which go along with all else.
final class StateBytes {
    private static final int PIECE = 64 << 10;
    private static final int MOST = 256 << 20;

    private final DeviceLoop loop;
    private final StateSource source;
    private final byte[] piece = new byte[PIECE];
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /// @param source closed by [#read]
    StateBytes(DeviceLoop loop, StateSource source) {
        this.loop = loop;
        this.source = source;
    }

    /// Reads all of it; done on the loop.
    Completion read() {
        Completion done;
        try {
            done = next();
        } catch (Throwable thrown) {
            source.close();
            throw thrown;
        }
        return switch (done) {
            case Completion.Done _ -> {
                source.close();
                yield done;
            }
            case Completion.Pending(var stage) ->
                    Completion.after(stage.whenComplete((_, _) -> source.close()));
        };
    }

    /// What was read.
    byte[] bytes() {
        return bytes.toByteArray();
    }

    /// Gives a device its state.
    ///
    /// @return done on the loop when the device has applied it
    static Completion write(DeviceLoop loop, StateSink sink, byte[] state) {
        Completion written =
                state.length == 0
                        ? Completion.DONE
                        : DeviceTasks.onLoop(loop, sink.write(MemorySegment.ofArray(state)));
        return written.then(() -> DeviceTasks.onLoop(loop, sink.finish()));
    }

    private Completion next() {
        while (true) {
            Completion ready = DeviceTasks.onLoop(loop, source.ready());
            if (ready instanceof Completion.Pending) {
                return ready.then(() -> take() ? next() : Completion.DONE);
            }
            if (!take()) {
                return Completion.DONE;
            }
        }
    }

    private boolean take() {
        int count = source.read(MemorySegment.ofArray(piece));
        if (count > MOST - bytes.size()) {
            throw new ImageException("state: more than " + MOST + " bytes (expected: at most so)");
        }
        bytes.write(piece, 0, count);
        return count > 0;
    }
}
