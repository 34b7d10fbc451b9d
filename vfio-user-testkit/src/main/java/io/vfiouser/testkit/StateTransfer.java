package io.vfiouser.testkit;

import io.vfiouser.device.Device;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.migration.SavePhase;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.migration.StateSource;
import io.vfiouser.device.outcome.DeviceException;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;

/// Saves and loads a device's state by the arcs that the server takes, in small odd pieces, as a
/// client may cut the stream anywhere.
final class StateTransfer {
    private static final int PIECE_SIZE = 7;

    private final Device device;
    private final Migratable migratable;
    private final TesterLoop loop;

    StateTransfer(Device device, TesterLoop loop) {
        this.device = device;
        this.loop = loop;
        this.migratable =
                device.migratable()
                        .orElseThrow(() ->
                                new IllegalStateException(
                                        "device: no state to migrate (expected: a migratable"
                                                + " device)"));
    }

    byte[] save() {
        stop();
        var state = new ByteArrayOutputStream();
        try (StateSource source = migratable.save(SavePhase.STOP_COPY)) {
            byte[] piece = new byte[PIECE_SIZE];
            int count;
            do {
                loop.await(source.ready(), "state source");
                count = source.read(MemorySegment.ofArray(piece));
                state.write(piece, 0, count);
            } while (count > 0);
        }
        start();
        return state.toByteArray();
    }

    void load(byte[] state) {
        stop();
        StateSink sink = migratable.load();
        try {
            MemorySegment all = MemorySegment.ofArray(state).asReadOnly();
            for (long done = 0; done < state.length; done += PIECE_SIZE) {
                long size = Math.min(PIECE_SIZE, state.length - done);
                loop.await(sink.write(all.asSlice(done, size)), "state sink");
            }
            loop.await(sink.finish(), "finish of the load");
        } catch (DeviceException e) {
            sink.abort();
            loop.await(device.reset(ResetReason.DEVICE_RESET), "reset after the load");
            throw e;
        } finally {
            start();
        }
    }

    private void stop() {
        loop.await(device.quiesce(), "quiesce");
        loop.await(migratable.stop(), "stop");
    }

    private void start() {
        loop.await(migratable.start(), "start");
        device.resume();
    }
}
