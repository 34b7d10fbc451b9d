package io.vfiouser.devices.nvme.engine;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.LoopTask;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.pci.ConfigSpace;
import io.vfiouser.devices.nvme.guest.GuestWindows;
import io.vfiouser.devices.nvme.log.ErrorLog;
import io.vfiouser.devices.nvme.namespace.Namespace;
import io.vfiouser.devices.nvme.namespace.Namespaces;
import io.vfiouser.devices.nvme.queue.CompletionQueue;
import io.vfiouser.devices.nvme.queue.Interrupts;
import io.vfiouser.devices.nvme.queue.QueueTable;
import io.vfiouser.devices.nvme.queue.SubmissionQueue;
import io.vfiouser.devices.nvme.spec.Status;
import io.vfiouser.os.MemoryFaults;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.IntSupplier;

/// Moves commands. One turn of it finishes what the storage has answered, fetches from the queues
/// that were rung, tells the storage that its batch is complete, and then interrupts once for each
/// completion queue that got entries.
///
/// It never waits and never throws for what the guest does: memory that cannot be reached ends the
/// command, or, if it is a ring, is fatal for the controller. All but [#returned] belongs to the
/// device's loop.
public final class Engine {
    private static final long TURN_NANOS = 100_000;
    private static final int LOOK_AT_CLOCK = 8;

    private final QueueTable queues;
    private final GuestWindows windows;
    private final Namespaces namespaces;
    private final Posting posting;
    private final Idle idle = new Idle();
    private final CommandPool pool = new CommandPool(this);
    private final BufferPool buffers;
    private final CommandList done = new CommandList();
    private final ReturnedCommands returned = new ReturnedCommands();
    private final FusedPairs fused = new FusedPairs(this);
    private final Fetching fetching;
    private final Ending ending;
    private final Runnable fatal;
    private CommandHandler admin = command -> finish(command, Status.INVALID_OPCODE);
    private CommandHandler io = admin;
    private HostDoorbells doorbells = HostDoorbells.NONE;
    private LoopTask task = LoopTask.NONE;
    private Runnable posted = () -> {};
    private ConfigSpace config = DeviceContext.UNATTACHED.config();
    private DeviceContext context = DeviceContext.UNATTACHED;
    private boolean turning;
    private boolean quiet;
    private boolean stopped = true;

    /// An engine that is stopped.
    ///
    /// @param interrupts of the completion queues
    /// @param bufferMemory bytes of the buffers that commands may have at a time
    /// @param fatal called when a ring cannot be reached; the engine has stopped fetching
    public Engine(
            QueueTable queues,
            GuestWindows windows,
            Namespaces namespaces,
            ErrorLog errors,
            Interrupts interrupts,
            long bufferMemory,
            Runnable fatal) {
        this.queues = queues;
        this.windows = windows;
        this.namespaces = namespaces;
        this.posting = new Posting(interrupts);
        this.buffers = new BufferPool(bufferMemory);
        this.fetching = new Fetching(this, queues, windows, pool, fused, posting, idle);
        this.ending = new Ending(this, posting, fused, idle, pool, buffers, errors);
        this.fatal = fatal;
    }

    /// Sets who does the commands of the admin queue, and of the others.
    public void setHandlers(CommandHandler admin, CommandHandler io) {
        this.admin = admin;
        this.io = io;
    }

    /// Sets where the host leaves doorbells besides the registers.
    public void setDoorbells(HostDoorbells doorbells) {
        this.doorbells = doorbells;
        fetching.setDoorbells(doorbells);
        ending.setDoorbells(doorbells);
    }

    /// Sets who hears, at the end of a turn, that completions were posted.
    public void setPostedListener(Runnable posted) {
        this.posted = posted;
    }

    /// Sets how many commands of one queue are fetched before it is the next one's turn.
    ///
    /// @param burst at least 1
    public void setBurst(int burst) {
        fetching.setBurst(burst);
    }

    /// A client has come, or gone. Runs on the device's loop.
    public void attach(DeviceContext context) {
        this.context = context;
        task = context.loopTask(this::turn);
        config = context.config();
        quiet = false;
    }

    /// Begins to fetch.
    public void start() {
        stopped = false;
    }

    /// Fetches nothing more and posts nothing more.
    ///
    /// @param then called once no command is at work; at once if none is
    public void stop(Runnable then) {
        stopped = true;
        fused.abortWaiting();
        idle.whenIdle(then);
    }

    /// Whether it fetches and posts.
    public boolean isStopped() {
        return stopped;
    }

    /// Forgets all queues; nothing may be at work.
    public void reset() {
        posting.reset(ending::recycle);
        buffers.clear();
        fetching.reset();
    }

    /// Fetches nothing more, and gives guest memory back once nothing is at work. Interrupts that
    /// are held back fire.
    public Completion quiesce() {
        if (config.busMaster()) {
            fused.fetchSeconds();
        } else {
            fused.abortWaiting();
        }
        quiet = true;
        posting.interruptNow();
        return idle.quiet(windows::release);
    }

    /// Goes on after [#quiesce()].
    public void resume() {
        quiet = false;
        for (int id = 0; id < queues.limit(); id++) {
            CompletionQueue queue = queues.completion(id);
            if (queue != null) {
                room(queue);
            }
        }
        request();
    }

    /// Whether it may write completions: neither stopped nor quiet.
    public boolean mayPost() {
        return !stopped && !quiet;
    }

    /// How many commands are at work.
    public int inFlight() {
        return idle.inFlight();
    }

    /// The host has rung: the queue is looked at in this turn of the loop.
    public void ring(SubmissionQueue queue) {
        fetching.ring(queue);
        request();
    }

    /// Rings all queues there are.
    public void ringAll() {
        fetching.ringAll();
        request();
    }

    /// The host has made room in a completion queue.
    public void room(CompletionQueue queue) {
        if (mayPost() && posting.isWaiting(queue)) {
            ending.postKept(queue);
            fetching.ringAllOf(queue);
            request();
        }
    }

    /// Looks for doorbells in memory, and does a turn if there are any.
    ///
    /// @param now the time, as `System.nanoTime` gives it
    /// @return whether there were
    public boolean poll(long now) {
        if (!mayPost() || !config.busMaster()) {
            return false;
        }
        boolean found = fetching.lookAtAll();
        if (found) {
            turn(now);
        }
        return found;
    }

    /// Asks for a turn.
    public void request() {
        if (!turning) {
            task.request();
        }
    }

    /// The completions that wait for room in their queues, for migration: submission queue, command
    /// id, status and result of each.
    public long[] waitingCompletions() {
        return posting.waiting();
    }

    /// Takes over what [#waitingCompletions()] gave in another process; the queues are there.
    public void restoreWaiting(long[] waiting) {
        for (int i = 0; i < waiting.length; i += 4) {
            SubmissionQueue queue = queues.submission((int) waiting[i]);
            if (queue != null) {
                Command command = restored(queue, (int) waiting[i + 1]);
                command.setStatus((int) waiting[i + 2] & 0x7fff);
                command.setResult(waiting[i + 3]);
                posting.keep(command);
                park(command);
            }
        }
    }

    /// A command that another process has fetched.
    public Command restored(SubmissionQueue queue, int commandId) {
        Command command = Objects.requireNonNull(pool.take(), "nothing is at work");
        command.entry().setCommandId(commandId);
        command.begin(queue);
        queue.begin();
        idle.begin();
        return command;
    }

    /// Gives a command a buffer until it is finished; it waits if there are too many.
    ///
    /// @param size bytes, 1 to 2 MiB
    /// @param then goes on with the command
    public void withBuffer(Command command, long size, CommandHandler then) {
        if (buffers.take(command, size, then)) {
            then.handle(command);
        }
    }

    /// Hands a command to the storage of its namespace.
    ///
    /// @param then goes on with the answer
    public void submit(Command command, Step then) {
        Namespace namespace = command.namespace();
        command.setStep(then);
        namespace.setBatchOpen(true);
        namespace.backend().submit(command);
    }

    /// The storage has answered. From any thread.
    void returned(Command command) {
        if (context.onLoop()) {
            done.add(command);
            request();
        } else {
            returned.add(command);
            task.request();
        }
    }

    /// Ends a command.
    ///
    /// @param status a [Status]
    public void finish(Command command, int status) {
        ending.finish(command, status);
    }

    /// Whether guest memory is not to be touched.
    public boolean isQuiet() {
        return quiet;
    }

    /// A parked command is at work again.
    public void resume(Command command) {
        command.queue().begin();
        idle.begin();
    }

    /// Keeps a command of the host for later without it being at work; see [#unpark].
    public void park(Command command) {
        command.queue().end();
        idle.end();
    }

    /// Ends a parked command.
    public void unpark(Command command, int status) {
        resume(command);
        finish(command, status);
        request();
    }

    /// Drops a parked command without a completion.
    public void drop(Command command) {
        ending.recycle(command);
    }

    /// A command of the controller's own, which is at work until it is finished.
    public Command begin(Namespace namespace) {
        Command command = pool.takeAnyway();
        command.setNamespace(namespace);
        idle.begin();
        return command;
    }

    /// Goes on with a command after something that may take a while.
    ///
    /// @param then what to do next; not called if the command's memory could not be reached, which
    ///   ends it
    public void after(Completion completion, Command command, CommandHandler then) {
        switch (completion) {
            case Completion.Done _ -> then.handle(command);
            case Completion.Pending(CompletionStage<?> stage) -> {
                var _ =
                        stage.handle((_, error) -> {
                            if (error == null) {
                                handle(then, command);
                            } else {
                                finish(command, Status.DATA_TRANSFER_ERROR);
                            }
                            request();
                            return true;
                        });
            }
        }
    }

    /// Calls `then` once no command of a queue that is being deleted is at work, or waits for room
    /// in its completion queue.
    public void whenEmpty(SubmissionQueue queue, Runnable then) {
        fused.abortWaiting(queue);
        posting.forget(queue, ending::recycle);
        idle.when(
                () -> queue.inFlight() == 0,
                () -> {
                    posting.forget(queue, ending::recycle); // what ended meanwhile
                    then.run();
                });
    }

    /// Calls `then` once `command`, which stays at work, is the only one of its namespace.
    public void whenOnlyOf(Command command, Runnable then) {
        Namespace namespace = command.namespace();
        idle.when(
                () -> namespace.atWork() == 1,
                () -> {
                    then.run();
                    request();
                });
    }

    /// Holds all queues until only so many commands are at work, then calls `work`; see
    /// [#endAlone()].
    ///
    /// @param count asked each time
    void alone(IntSupplier count, Runnable work) {
        idle.whenOnly(count, work);
        request();
    }

    /// Lets the queues go on after [#alone].
    void endAlone() {
        idle.endAlone();
        ringAll();
    }

    /// Fetches the other half of a pair whatever else is to be done.
    void fetchSecond(SubmissionQueue queue) {
        fetching.fetchSecond(queue);
    }

    /// Whether storage has answered what nobody has gone on with.
    boolean hasAnswers() {
        return !done.isEmpty();
    }

    /// Begins a command that was fetched.
    void start(SubmissionQueue queue, Command command) {
        command.begin(queue);
        queue.begin();
        idle.begin();
        if (queue.id() == 0) {
            handle(admin, command);
        } else if (!fused.take(command)) {
            handle(io, command);
        }
    }

    /// A command was given back to the pool.
    void fed() {
        if (fetching.feed()) {
            request();
        }
    }

    /// Does a command of an I/O queue.
    void handleIo(Command command) {
        handle(io, command);
    }

    private void turn() {
        turn(System.nanoTime());
    }

    /// One turn, now. Does nothing within another one.
    private void turn(long now) {
        if (turning) {
            return;
        }
        turning = true;
        boolean more = false;
        try {
            more = turnOnce(now + TURN_NANOS);
            MemoryFaults.deliverPending();
        } catch (InternalError e) {
            failFor(e);
        } finally {
            turning = false;
        }
        idle.tell();
        if (more) {
            task.request();
        }
    }

    private boolean turnOnce(long deadline) {
        boolean inTime;
        fetching.setBusMaster(config.busMaster());
        do {
            inTime = finishReturned(deadline);
            startBuffered();
            inTime = inTime && fetching.fetchRung(deadline);
            namespaces.closeBatches();
            returned.moveTo(done);
        } while (inTime && (!done.isEmpty() || buffers.isReady() || fetching.hasWork()));
        if (posting.interrupt(doorbells)) {
            posted.run();
        }
        return !inTime;
    }

    /// Goes on with what the storage has answered; false if the time is up.
    private boolean finishReturned(long deadline) {
        returned.moveTo(done);
        int steps = 0;
        for (Command command = done.poll(); command != null; command = done.poll()) {
            step(command);
            if (++steps % LOOK_AT_CLOCK == 0 && System.nanoTime() - deadline > 0) {
                return done.isEmpty();
            }
        }
        return true;
    }

    /// Goes on with commands that have waited for a buffer.
    private void startBuffered() {
        for (Command command = buffers.next(); command != null; command = buffers.next()) {
            handle(command.afterBuffer(), command);
        }
    }

    private void handle(CommandHandler handler, Command command) {
        try {
            handler.handle(command);
        } catch (DeviceException _) {
            finish(command, Status.DATA_TRANSFER_ERROR);
        } catch (InternalError e) {
            requireFault(e);
            finish(command, Status.DATA_TRANSFER_ERROR);
        }
    }

    private void step(Command command) {
        try {
            command.runStep();
        } catch (DeviceException _) {
            finish(command, Status.DATA_TRANSFER_ERROR);
        } catch (InternalError e) {
            requireFault(e);
            finish(command, Status.DATA_TRANSFER_ERROR);
        }
    }

    private static void requireFault(InternalError e) {
        if (!MemoryFaults.isFault(e)) {
            throw e;
        }
    }

    /// Memory could not be reached that the controller cannot do without.
    void failFor(InternalError e) {
        requireFault(e);
        fail();
    }

    /// A ring could not be reached: tells the controller, once.
    void fail() {
        if (!stopped) {
            stopped = true;
            fatal.run();
        }
    }
}
