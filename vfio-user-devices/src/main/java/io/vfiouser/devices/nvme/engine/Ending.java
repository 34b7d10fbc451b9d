package io.vfiouser.devices.nvme.engine;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.devices.nvme.log.ErrorLog;
import io.vfiouser.devices.nvme.queue.CompletionQueue;
import io.vfiouser.devices.nvme.queue.SubmissionQueue;
import io.vfiouser.devices.nvme.spec.Status;
import io.vfiouser.os.MemoryFaults;
import java.util.concurrent.CompletionStage;

/// Ends commands: the error log, the completion, the way back to the pool.
final class Ending {
    private final Engine engine;
    private final Posting posting;
    private final FusedPairs fused;
    private final Idle idle;
    private final CommandPool pool;
    private final BufferPool buffers;
    private final ErrorLog errors;
    private HostDoorbells doorbells = HostDoorbells.NONE;

    Ending(
            Engine engine,
            Posting posting,
            FusedPairs fused,
            Idle idle,
            CommandPool pool,
            BufferPool buffers,
            ErrorLog errors) {
        this.engine = engine;
        this.posting = posting;
        this.fused = fused;
        this.idle = idle;
        this.pool = pool;
        this.buffers = buffers;
        this.errors = errors;
    }

    void setDoorbells(HostDoorbells doorbells) {
        this.doorbells = doorbells;
    }

    /// Ends a command.
    ///
    /// @param status a [Status]
    void finish(Command command, int status) {
        if (!command.isOfHost()) {
            recycle(command);
            idle.end();
            return;
        }
        SubmissionQueue queue = command.queue();
        int fuse = command.entry().fuse();
        Command partner = command.partner();
        giveBuffer(command); // the completion may wait long for the host
        command.setStatus(Status.withRetryAdvice(status));
        command.leaveNamespace();
        queue.end();
        if (status != Status.SUCCESS) {
            note(command);
        }
        if (engine.isStopped()) {
            recycle(command);
            idle.end();
        } else if (mustWait(queue.completions())) {
            posting.keep(command);
            idle.end();
        } else {
            post(command);
        }
        if (partner != null) {
            fused.ended(fuse, status, partner);
        }
    }

    /// Posts what has waited for room in a queue.
    void postKept(CompletionQueue queue) {
        do {
            for (Command c = posting.next(queue); c != null; c = posting.next(queue)) {
                idle.begin();
                post(c);
            }
        } while (posting.isWaiting(queue) && engine.mayPost() && !isFull(queue));
    }

    /// Gives a command, and its buffer, back.
    void recycle(Command command) {
        giveBuffer(command);
        pool.give(command);
        engine.fed();
    }

    private boolean mustWait(CompletionQueue queue) {
        return posting.isWaiting(queue) || isFull(queue);
    }

    /// Whether a queue has no room, also after a look at where the host may leave its head.
    private boolean isFull(CompletionQueue queue) {
        if (!queue.hasRoom()) {
            try {
                doorbells.look(queue);
                MemoryFaults.deliverPending();
            } catch (InternalError e) {
                engine.failFor(e);
            }
        }
        return !queue.hasRoom();
    }

    private void post(Command command) {
        Completion posted;
        try {
            posted = posting.post(command);
            MemoryFaults.deliverPending();
        } catch (DeviceException _) {
            ended(command);
            engine.fail();
            return;
        } catch (InternalError e) {
            ended(command);
            engine.failFor(e);
            return;
        }
        switch (posted) {
            case Completion.Done _ -> ended(command);
            case Completion.Pending(CompletionStage<?> stage) -> {
                CompletionQueue queue = command.queue().completions();
                var _ =
                        stage.handle((_, error) -> {
                            ended(command);
                            if (error == null) {
                                posting.written(queue);
                            } else {
                                engine.fail();
                            }
                            engine.request();
                            return true;
                        });
            }
        }
    }

    private void ended(Command command) {
        recycle(command);
        idle.end();
    }

    private void note(Command command) {
        boolean isIo = command.queue().id() != 0;
        errors.add(
                command.queue().id(),
                command.entry().commandId(),
                command.status(),
                isIo ? command.entry().cdw10And11() : 0,
                command.entry().namespaceId());
    }

    private void giveBuffer(Command command) {
        buffers.give(command);
        if (buffers.isReady()) {
            engine.request();
        }
    }
}
