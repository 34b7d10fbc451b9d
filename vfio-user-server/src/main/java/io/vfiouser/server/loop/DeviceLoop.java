package io.vfiouser.server.loop;

import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.channel.unix.UnixChannel;
import io.vfiouser.os.EventFd;
import io.vfiouser.transport.FdWatch;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The event loop of one device. All of the device runs here, one thing after the other, also when
/// it moves from one loop to another ([#move]).
///
/// Tasks wait in a queue of the device's own, so that they run in the order in which they were
/// handed in, whatever loop the device was on at the time. While the device is on its way between
/// two loops nothing of it runs.
public final class DeviceLoop implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceLoop.class);

    /// Tasks of one device before the rest of its loop has a turn.
    private static final int TASKS_A_TURN = 256;

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean asked = new AtomicBoolean();
    private final Runnable work = this::runTasks;
    private volatile EventLoop home;
    private volatile boolean moving;

    /// A device that is on `loop`.
    public DeviceLoop(EventLoop loop) {
        this.home = Objects.requireNonNull(loop, "loop");
    }

    /// Whether the calling thread is the device's now.
    public boolean inLoop() {
        return !moving && home.inEventLoop();
    }

    /// Where the device is, or was before it set out to another loop. From any thread.
    public EventLoop current() {
        return home;
    }

    /// Runs `task` on the device's loop, after those handed in before. From any thread.
    ///
    /// @throws RejectedExecutionException if the loop has ended
    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (asked.getAndSet(true)) {
            return;
        }
        try {
            askHome();
        } catch (RejectedExecutionException e) {
            asked.set(false);
            if (tasks.remove(task)) {
                throw e;
            }
        }
    }

    /// Runs `task` on the loop at once if this is its thread, else as [#execute].
    public void runOrExecute(Runnable task) {
        if (inLoop()) {
            task.run();
        } else {
            execute(task);
        }
    }

    /// Runs `task` at the end of this turn of the loop, or as [#execute] from another thread. Makes
    /// no object on the loop.
    ///
    /// @param task may find itself on a loop that the device has left, and has to look
    public void afterTurn(Runnable task) {
        if (!inLoop()) {
            execute(task);
        } else if (home instanceof SingleThreadEventLoop single) {
            single.executeAfterEventLoopIteration(task);
        } else {
            nextTurn(task);
        }
    }

    /// Runs `task` in a later turn of the loop, which looks at its sockets in between.
    public void nextTurn(Runnable task) {
        var _ = schedule(task, 0);
    }

    /// Runs `task` on the device's loop when `nanos` have passed. From any thread.
    ///
    /// @param nanos zero or more
    public DeviceTimer schedule(Runnable task, long nanos) {
        var timer = new DeviceTimer(this, task);
        if (inLoop()) {
            timer.waitsAs(home.schedule(timer, nanos, TimeUnit.NANOSECONDS));
        } else {
            long from = System.nanoTime();
            execute(() -> {
                long left = Math.max(0, nanos - (System.nanoTime() - from));
                timer.waitsAs(home.schedule(timer, left, TimeUnit.NANOSECONDS));
            });
        }
        return timer;
    }

    /// Opens a channel here. On the loop.
    public ChannelFuture register(UnixChannel channel) {
        return home.register(channel);
    }

    /// Watches an eventfd here. On the loop.
    public FdWatch watch(EventFd event, LongConsumer onSignal) {
        return FdWatch.start(home, event, onSignal);
    }

    /// Moves the device to another loop. From any thread.
    ///
    /// @param target a loop of the same kind
    /// @param ready called on the loop before it begins; what it throws keeps the device here
    /// @param parts what is registered with the loop
    /// @return completes on the new loop; on the old one with the error of `ready`, or with a
    ///   [RejectedExecutionException] if the new loop has ended, in which case nothing has changed
    public CompletableFuture<@Nullable Void> move(EventLoop target, Runnable ready, Movable parts) {
        var moved = new CompletableFuture<@Nullable Void>();
        try {
            execute(() -> leave(target, ready, parts, moved));
        } catch (RejectedExecutionException e) {
            moved.completeExceptionally(e);
        }
        return moved;
    }

    private void leave(
            EventLoop target,
            Runnable ready,
            Movable parts,
            CompletableFuture<@Nullable Void> moved) {
        try {
            ready.run();
        } catch (RuntimeException e) {
            moved.completeExceptionally(e);
            return;
        }
        if (target.equals(home)) {
            moved.complete(null);
            return;
        }
        moving = true;
        CompletableFuture<@Nullable Void> left = parts.leave();
        var _ =
                left.whenComplete((_, error) -> {
                    if (error != null) {
                        arrive(home, parts, () -> moved.completeExceptionally(error));
                        return;
                    }
                    try {
                        target.execute(() -> arrive(target, parts, () -> moved.complete(null)));
                    } catch (RejectedExecutionException e) {
                        arrive(home, parts, () -> moved.completeExceptionally(e));
                    }
                });
    }

    private void arrive(EventLoop at, Movable parts, Runnable then) {
        home = at;
        moving = false;
        try {
            parts.join();
        } catch (RuntimeException | Error e) {
            LOG.error("after a move between event loops", e);
        }
        then.run();
        runTasks();
    }

    /// Those of a device that has moved since are for its new loop, those of one on its way for the
    /// end of it.
    private void runTasks() {
        if (!inLoop()) {
            if (!moving) {
                askHome();
            }
            return;
        }
        asked.set(false);
        for (int i = 0; i < TASKS_A_TURN; i++) {
            Runnable task = inLoop() ? tasks.poll() : null;
            if (task == null) {
                return;
            }
            run(task);
        }
        if (!asked.getAndSet(true)) {
            askHome();
        }
    }

    private void askHome() {
        if (!moving) {
            home.execute(work);
        }
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.warn("a task threw", e);
        }
    }
}
