package io.vfiouser.it.fault;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.MemoryRegion;
import io.vfiouser.device.region.RegisterBlock;
import io.vfiouser.os.Errno;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// A device that throws whatever its registers name, and in the callbacks that a test chooses. BAR0
/// from 0x100 on is scratch memory.
final class ThrowingDevice implements Device {
    static final int BAR = 0;
    static final long RUNTIME_EXCEPTION = 0x00;
    static final long DEVICE_EXCEPTION = 0x04;
    static final long STACK_OVERFLOW = 0x08;
    static final long ASSERTION = 0x0c;
    static final long FAILED_STAGE = 0x10;
    static final long FAILED_DEVICE_STAGE = 0x14;
    static final long THROWING_READ = 0x18;
    static final long OUT_OF_MEMORY = 0x1c;
    static final long SCRATCH = 0x100;

    /// The callbacks that can throw.
    enum DeviceCallback {
        ATTACH,
        DETACH,
        QUIESCE,
        RESUME,
        RESET,
        MEMORY_MAPPED,
        MEMORY_UNMAPPED,
        CLOSE
    }

    private final Set<DeviceCallback> throwing = ConcurrentHashMap.newKeySet();
    private final AtomicInteger quiesced = new AtomicInteger();

    void throwIn(DeviceCallback... callbacks) {
        throwing.addAll(Set.of(callbacks));
    }

    void throwInAllBut(DeviceCallback... callbacks) {
        throwing.addAll(EnumSet.allOf(DeviceCallback.class));
        throwing.removeAll(Set.of(callbacks));
    }

    void throwNowhere() {
        throwing.clear();
    }

    /// How many calls of [#quiesce()] no [#resume()] has followed.
    int quiesced() {
        return quiesced.get();
    }

    @Override
    public DeviceLayout layout() {
        var registers =
                RegisterBlock.builder()
                        .writeOnly(
                                RUNTIME_EXCEPTION,
                                4,
                                "RUNTIME",
                                _ -> {
                                    throw new IllegalStateException("thrown by a test");
                                })
                        .writeOnly(
                                DEVICE_EXCEPTION,
                                4,
                                "DEVICE",
                                _ -> {
                                    throw new DeviceException(Errno.ENOSPC, "thrown by a test");
                                })
                        .writeOnly(STACK_OVERFLOW, 4, "OVERFLOW", ThrowingDevice::overflow)
                        .writeOnly(
                                ASSERTION,
                                4,
                                "ASSERTION",
                                _ -> {
                                    throw new AssertionError("thrown by a test");
                                })
                        .writeOnly(
                                OUT_OF_MEMORY,
                                4,
                                "MEMORY",
                                _ -> {
                                    throw new OutOfMemoryError("thrown by a test");
                                })
                        .command(
                                FAILED_STAGE,
                                4,
                                "STAGE",
                                _ -> failed(new IllegalStateException("thrown by a test")))
                        .command(
                                FAILED_DEVICE_STAGE,
                                4,
                                "DEVICE_STAGE",
                                _ -> failed(new DeviceException(Errno.EBUSY, "thrown by a test")))
                        .readOnly(
                                THROWING_READ,
                                4,
                                "READ",
                                () -> {
                                    throw new ArithmeticException("thrown by a test");
                                })
                        .elsewhere(MemoryRegion.scratch(0x1000))
                        .build();
        return DeviceLayout.pci(0x1af4, 0x10f9).bar(BAR, Bar.memory(0x1000, registers)).build();
    }

    @Override
    public void attach(DeviceContext context) {
        quiesced.set(0);
        maybeThrow(DeviceCallback.ATTACH);
    }

    @Override
    public void detach() {
        maybeThrow(DeviceCallback.DETACH);
    }

    @Override
    public Completion quiesce() {
        maybeThrow(DeviceCallback.QUIESCE);
        quiesced.incrementAndGet();
        return Completion.DONE;
    }

    @Override
    public void resume() {
        quiesced.decrementAndGet();
        maybeThrow(DeviceCallback.RESUME);
    }

    @Override
    public Completion reset(ResetReason reason) {
        maybeThrow(DeviceCallback.RESET);
        return Completion.DONE;
    }

    @Override
    public void memoryMapped(DmaRange range) {
        maybeThrow(DeviceCallback.MEMORY_MAPPED);
    }

    @Override
    public void memoryUnmapped(DmaRange range) {
        maybeThrow(DeviceCallback.MEMORY_UNMAPPED);
    }

    @Override
    public void close() {
        maybeThrow(DeviceCallback.CLOSE);
    }

    private void maybeThrow(DeviceCallback callback) {
        if (throwing.contains(callback)) {
            throw new IllegalStateException("thrown by a test in " + callback);
        }
    }

    private static Completion failed(RuntimeException cause) {
        return Completion.after(CompletableFuture.failedFuture(cause));
    }

    private static void overflow(long depth) {
        if (depth >= 0) {
            overflow(depth + 1);
        }
    }
}
