package io.vfiouser.server.migration;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.migration.SavePhase;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.migration.StateSource;
import io.vfiouser.device.outcome.Completion;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Notes each call that a machine makes, fails those it is told to fail, and ends calls late if it
/// is told to.
final class RecordingDevice implements Device, Migratable {
    final List<String> calls = new ArrayList<>();
    final ByteArrayOutputStream loaded = new ByteArrayOutputStream();
    byte[] state = {1, 2, 3, 4, 5};
    boolean preCopy = true;
    boolean late;
    int longestRead = Integer.MAX_VALUE;

    private final Map<String, Throwable> failures = new HashMap<>();
    private final ArrayDeque<Runnable> pending = new ArrayDeque<>();

    /// Makes one kind of call fail, until [#heal].
    void fail(String call, Throwable failure) {
        failures.put(call, failure);
    }

    void heal() {
        failures.clear();
    }

    /// Ends the oldest call that is still at work; false if there is none.
    boolean endNext() {
        Runnable end = pending.poll();
        if (end != null) {
            end.run();
        }
        return end != null;
    }

    /// What was called since the last time.
    List<String> takeCalls() {
        List<String> all = List.copyOf(calls);
        calls.clear();
        return all;
    }

    Completion reset() {
        return call("reset");
    }

    @Override
    public DeviceLayout layout() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Migratable> migratable() {
        return Optional.of(this);
    }

    @Override
    public boolean preCopy() {
        return preCopy;
    }

    @Override
    public Completion stop() {
        return call("stop");
    }

    @Override
    public Completion start() {
        return call("start");
    }

    @Override
    public StateSource save(SavePhase phase) {
        now("save " + phase);
        return new Source(phase);
    }

    @Override
    public StateSink load() {
        now("load");
        return new Sink();
    }

    private Completion call(String name) {
        calls.add(name);
        Throwable failure = failures.get(name);
        if (!late) {
            throwIt(failure);
            return Completion.DONE;
        }
        return later(failure);
    }

    private Completion later(@Nullable Throwable failure) {
        var done = new CompletableFuture<@Nullable Void>();
        pending.add(() -> {
            if (failure == null) {
                done.complete(null);
            } else {
                done.completeExceptionally(failure);
            }
        });
        return Completion.after(done);
    }

    private void now(String name) {
        calls.add(name);
        throwIt(failures.get(name));
    }

    private static void throwIt(@Nullable Throwable failure) {
        switch (failure) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new AssertionError(failure);
        }
    }

    private final class Source implements StateSource {
        private final SavePhase phase;
        private final MemorySegment bytes = MemorySegment.ofArray(state.clone());
        private long at;

        Source(SavePhase phase) {
            this.phase = phase;
        }

        @Override
        public Completion ready() {
            throwIt(failures.get("ready"));
            return late ? later(failures.get("ready late")) : Completion.DONE;
        }

        @Override
        public int read(MemorySegment into) {
            if (at > 0) {
                throwIt(failures.get("read on"));
            }
            throwIt(failures.get("read"));
            long count = Math.min(into.byteSize(), Math.min(bytes.byteSize() - at, longestRead));
            MemorySegment.copy(bytes, at, into, 0, count);
            at += count;
            return failures.containsKey("read too much") ? (int) into.byteSize() + 1 : (int) count;
        }

        @Override
        public long remaining() {
            return bytes.byteSize() - at;
        }

        @Override
        public void close() {
            now("close " + phase);
        }
    }

    private final class Sink implements StateSink {
        @Override
        public Completion write(MemorySegment from) {
            throwIt(failures.get("write"));
            if (late) {
                var done = new CompletableFuture<@Nullable Void>();
                pending.add(() -> {
                    take(from);
                    done.complete(null);
                });
                return Completion.after(done);
            }
            take(from);
            return Completion.DONE;
        }

        private void take(MemorySegment from) {
            loaded.writeBytes(from.toArray(ValueLayout.JAVA_BYTE));
        }

        @Override
        public Completion finish() {
            return call("finish");
        }

        @Override
        public void abort() {
            now("abort");
        }
    }
}
