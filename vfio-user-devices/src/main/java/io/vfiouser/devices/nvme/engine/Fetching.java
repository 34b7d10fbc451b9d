package io.vfiouser.devices.nvme.engine;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.devices.nvme.guest.GuestWindows;
import io.vfiouser.devices.nvme.queue.CompletionQueue;
import io.vfiouser.devices.nvme.queue.QueueTable;
import io.vfiouser.devices.nvme.queue.SubmissionQueue;
import io.vfiouser.devices.nvme.spec.Limits;
import io.vfiouser.os.MemoryFaults;
import io.vfiouser.os.NativeMemory;

/// Takes commands from the queues that were rung, in turns.
final class Fetching {
    private static final int LOOK_AT_CLOCK = 8;

    private final Engine engine;
    private final QueueTable queues;
    private final GuestWindows windows;
    private final CommandPool pool;
    private final FusedPairs fused;
    private final Posting posting;
    private final Idle idle;
    private final RungQueues rung = new RungQueues();
    private HostDoorbells doorbells = HostDoorbells.NONE;
    private boolean busMaster;
    private boolean starved;
    private int burst = Integer.MAX_VALUE;

    Fetching(
            Engine engine,
            QueueTable queues,
            GuestWindows windows,
            CommandPool pool,
            FusedPairs fused,
            Posting posting,
            Idle idle) {
        this.engine = engine;
        this.queues = queues;
        this.windows = windows;
        this.pool = pool;
        this.fused = fused;
        this.posting = posting;
        this.idle = idle;
    }

    void setDoorbells(HostDoorbells doorbells) {
        this.doorbells = doorbells;
    }

    void setBurst(int burst) {
        this.burst = burst;
    }

    /// Whether the device may read the queues, as config space has it in this turn.
    void setBusMaster(boolean busMaster) {
        this.busMaster = busMaster;
    }

    /// Forgets what was rung.
    void reset() {
        rung.clear();
        starved = false;
    }

    void ring(SubmissionQueue queue) {
        rung.add(queue.id());
    }

    void ringAll() {
        for (int id = 0; id < queues.limit(); id++) {
            if (queues.submission(id) != null) {
                rung.add(id);
            }
        }
    }

    /// Rings the queues whose commands end in `completions`.
    void ringAllOf(CompletionQueue completions) {
        for (int id = 0; id < queues.limit(); id++) {
            SubmissionQueue queue = queues.submission(id);
            if (queue != null && queue.completions() == completions) {
                rung.add(id);
            }
        }
    }

    /// A command was given back to the pool.
    ///
    /// @return whether the queues waited for one
    boolean feed() {
        boolean waited = starved;
        starved = false;
        return waited;
    }

    /// Whether there is something to be fetched now.
    boolean hasWork() {
        return mayFetch() && !rung.isEmpty();
    }

    /// Looks at the doorbells in memory of all queues.
    ///
    /// @return whether there is something to do
    boolean lookAtAll() {
        boolean found = false;
        for (int id = 0; id < queues.limit(); id++) {
            SubmissionQueue queue = queues.submission(id);
            if (queue != null && look(queue)) {
                found = true;
            }
        }
        return found;
    }

    /// Fetches from all queues that were rung, until storage has answered.
    ///
    /// @param deadline a time of `System.nanoTime`
    /// @return false if the time is up
    boolean fetchRung(long deadline) {
        int fetched = 0;
        while (hasWork()) {
            int id = rung.next();
            SubmissionQueue queue = queues.submission(id);
            if (queue == null) {
                rung.remove(id);
                continue;
            }
            doorbells.look(queue);
            for (int i = 0; i < burst || fused.isWaiting(queue); i++) {
                if (!isReady(queue) || !fetchOne(queue)) {
                    break;
                }
                if (++fetched % LOOK_AT_CLOCK == 0 && System.nanoTime() - deadline > 0) {
                    return false;
                }
            }
            if (engine.hasAnswers()) {
                return true;
            }
        }
        return true;
    }

    /// Fetches the other half of a pair whatever else is to be done.
    void fetchSecond(SubmissionQueue queue) {
        if (queue.isFetching()) {
            return;
        }
        try {
            fetch(queue, pool.takeAnyway());
            MemoryFaults.deliverPending();
        } catch (InternalError e) {
            engine.failFor(e);
        }
    }

    private boolean mayFetch() {
        return busMaster && engine.mayPost() && !starved && !idle.isAlone();
    }

    /// Whether the next entry of a queue may be fetched now; if not, it is no longer rung, and
    /// whatever it waits for rings it.
    private boolean isReady(SubmissionQueue queue) {
        if (!mayFetch()) {
            return false;
        }
        boolean waits =
                queue.isDeleted()
                        || queue.isFetching()
                        || posting.isWaiting(queue.completions())
                        || (queue.isEmpty() && doorbells.sleep(queue));
        if (waits) {
            rung.remove(queue.id());
        }
        return !waits;
    }

    private boolean look(SubmissionQueue queue) {
        doorbells.look(queue);
        if (!queue.isEmpty()) {
            rung.add(queue.id());
        }
        CompletionQueue completions = queue.completions();
        boolean waits = posting.isWaiting(completions);
        if (waits || posting.usesPin()) {
            doorbells.look(completions);
            posting.seen(completions);
        }
        if (waits && completions.hasRoom()) {
            engine.room(completions);
            return true;
        }
        return !queue.isEmpty() && !waits && !queue.isFetching() && !queue.isDeleted();
    }

    private boolean fetchOne(SubmissionQueue queue) {
        Command command = pool.take();
        if (command == null) {
            starved = true;
            return false;
        }
        fetch(queue, command);
        return true;
    }

    private void fetch(SubmissionQueue queue, Command command) {
        if (fetchDirectly(queue, command)) {
            engine.start(queue, command);
        } else {
            fetchByCopy(queue, command);
        }
    }

    private boolean fetchDirectly(SubmissionQueue queue, Command command) {
        try {
            boolean direct = queue.fetch(command.entry());
            MemoryFaults.deliverPending();
            return direct;
        } catch (InternalError e) {
            engine.drop(command);
            throw e;
        }
    }

    private void fetchByCopy(SubmissionQueue queue, Command command) {
        var entry = NativeMemory.allocate(Limits.SQ_ENTRY_SIZE);
        idle.begin();
        queue.setFetching(true);
        Completion read;
        try {
            read = windows.memory().read(queue.headAddress(), entry);
        } catch (DeviceException _) {
            fetched(queue, command, false);
            return;
        }
        var _ =
                read.stage()
                        .handle((_, error) -> {
                            if (error == null) {
                                command.entry().load(entry, 0);
                            }
                            fetched(queue, command, error == null);
                            return true;
                        });
    }

    private void fetched(SubmissionQueue queue, Command command, boolean reached) {
        idle.end();
        queue.setFetching(false);
        if (!reached || queue.isDeleted() || engine.isStopped()) {
            engine.drop(command);
            if (!reached) {
                engine.fail();
            }
            engine.request();
            return;
        }
        queue.advance();
        engine.start(queue, command);
        engine.ring(queue);
    }
}
