package io.vfiouser.it.loops;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.irq.IrqLine;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.Doorbell;
import io.vfiouser.device.region.RegisterBlock;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/// A device whose fields no lock guards, and which notices when it is not called as a device has to
/// be: one thing at a time, in order, on its loop.
final class WanderingDevice implements Device {
    static final long DOORBELL = 0x100;

    final Semaphore rung = new Semaphore(0);
    final Semaphore elapsed = new Semaphore(0);
    private final Set<String> threads = new TreeSet<>();
    private DeviceContext context = DeviceContext.UNATTACHED;
    private IrqLine irq = IrqLine.UNWIRED;
    private long last;
    private long lastTask;
    private int inside;
    private String wrong = "";

    @Override
    public DeviceLayout layout() {
        var registers =
                RegisterBlock.builder()
                        .readWrite(0x0, 4, "NEXT", () -> last, this::next)
                        .command(0x4, 4, "SLOWLY", this::nextSlowly)
                        .writeOnly(0x8, 4, "TIMER", this::timer)
                        .writeOnly(0x100, 4, "BELL", _ -> rung.release())
                        .build();
        return DeviceLayout.pci(0x1af4, 0x10fa)
                .bar(0, Bar.memory(0x1000, registers))
                .irq(IrqIndex.INTX, 1)
                .build();
    }

    @Override
    public void attach(DeviceContext context) {
        this.context = context;
        irq = context.irq(IrqIndex.INTX, 0);
        last = 0;
        lastTask = 0;
        context.installDoorbell(0, Doorbell.at(DOORBELL, 4), _ -> called(rung::release));
    }

    /// What it noticed; nothing if all is well.
    String wrong() {
        return wrong;
    }

    /// On which threads it was called.
    Set<String> threads() {
        return threads;
    }

    /// Numbered tasks from a thread of another.
    void execute(long number) {
        context.execute(() ->
                called(() -> {
                    if (number != ++lastTask) {
                        wrong = "task %d after %d".formatted(number, lastTask - 1);
                    }
                }));
    }

    private void next(long value) {
        called(() -> {
            if (value != ++last) {
                wrong = "write %d after %d".formatted(value, last - 1);
            }
            irq.trigger();
        });
    }

    private Completion nextSlowly(long value) {
        next(value);
        var done = new CompletableFuture<Void>();
        Thread.startVirtualThread(() -> done.complete(null));
        return Completion.after(done);
    }

    /// One that comes, and one that must not.
    private void timer(long micros) {
        var late = context.schedule(Duration.ofMillis(2), () -> wrong = "a timer taken back");
        context.schedule(
                Duration.ofNanos(micros * 1000),
                () ->
                        called(() -> {
                            late.cancel();
                            elapsed.release();
                        }));
    }

    private void called(Runnable body) {
        if (!context.onLoop() || ++inside != 1) {
            wrong = "called on %s, %d times at once".formatted(Thread.currentThread(), inside);
        }
        threads.add(Thread.currentThread().getName());
        body.run();
        inside--;
    }
}
