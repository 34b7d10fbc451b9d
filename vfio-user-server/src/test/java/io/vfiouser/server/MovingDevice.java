package io.vfiouser.server;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.migration.SavePhase;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.migration.StateSource;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.MemoryRegion;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A device whose state is the memory behind BAR0: saved whole while it runs, and again at the end.
/// What it is asked goes into a list that a test can wait for.
final class MovingDevice implements Device, Migratable {
    static final int SIZE = 0x4000;

    final LinkedBlockingQueue<String> calls = new LinkedBlockingQueue<>();
    final CountDownLatch mayStop = new CountDownLatch(1);
    volatile boolean slow;
    volatile boolean broken;

    private final MemoryRegion memory = MemoryRegion.scratch(SIZE);

    /// Waits until the device has been asked for something.
    void awaitCall(String call) throws InterruptedException {
        String next = calls.poll(10, TimeUnit.SECONDS);
        while (next != null && !next.equals(call)) {
            next = calls.poll(10, TimeUnit.SECONDS);
        }
        if (next == null) {
            throw new AssertionError(call + ": not within 10 s (expected: the device is asked)");
        }
    }

    @Override
    public DeviceLayout layout() {
        return DeviceLayout.pci(0x1234, 0x5678).bar(0, Bar.memory(SIZE, memory)).build();
    }

    @Override
    public Optional<Migratable> migratable() {
        return Optional.of(this);
    }

    @Override
    public boolean preCopy() {
        return true;
    }

    @Override
    public Completion quiesce() {
        calls.add("quiesce");
        return elsewhere();
    }

    @Override
    public void resume() {
        calls.add("resume");
    }

    @Override
    public Completion reset(ResetReason reason) {
        calls.add("reset " + reason);
        broken = false;
        return elsewhere();
    }

    @Override
    public void detach() {
        calls.add("detach");
    }

    @Override
    public Completion stop() {
        calls.add("stop");
        if (broken) {
            throw new IllegalStateException("stuck");
        }
        return slow
                ? Completion.after(CompletableFuture.runAsync(MovingDevice.this::awaitStop))
                : Completion.DONE;
    }

    @Override
    public Completion start() {
        calls.add("start");
        return elsewhere();
    }

    @Override
    public StateSource save(SavePhase phase) {
        StateSource state = StateSource.of(memory.segment());
        return new StateSource() {
            @Override
            public Completion ready() {
                return elsewhere();
            }

            @Override
            public int read(MemorySegment into) {
                return state.read(into.asSlice(0, Math.min(into.byteSize(), 1000)));
            }

            @Override
            public long remaining() {
                return state.remaining();
            }

            @Override
            public void close() {
                calls.add("close " + phase);
            }
        };
    }

    @Override
    public StateSink load() {
        StateSink state = StateSink.into(() -> calls.add("loaded"), memory.segment());
        return new StateSink() {
            @Override
            public Completion write(MemorySegment from) {
                return elsewhere().then(() -> state.write(from));
            }

            @Override
            public Completion finish() {
                return state.finish();
            }

            @Override
            public void abort() {
                calls.add("abort");
            }
        };
    }

    /// Done on another thread, if the device is slow.
    private Completion elsewhere() {
        return slow ? Completion.after(CompletableFuture.runAsync(() -> {})) : Completion.DONE;
    }

    private void awaitStop() {
        try {
            mayStop.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
