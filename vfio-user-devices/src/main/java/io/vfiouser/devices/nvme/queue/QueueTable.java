package io.vfiouser.devices.nvme.queue;

import io.vfiouser.devices.nvme.spec.Limits;
import org.jspecify.annotations.Nullable;

/// All queues of a controller by their ids.
public final class QueueTable {
    private final @Nullable SubmissionQueue[] submission =
            new @Nullable SubmissionQueue[Limits.QUEUES];
    private final @Nullable CompletionQueue[] completion =
            new @Nullable CompletionQueue[Limits.QUEUES];
    private int limit;

    /// No queues.
    public QueueTable() {}

    /// No queue has this id or one above it.
    public int limit() {
        return limit;
    }

    /// The submission queue with this id, if there is one.
    ///
    /// @param id any number
    public @Nullable SubmissionQueue submission(int id) {
        return id >= 0 && id < submission.length ? submission[id] : null;
    }

    /// The completion queue with this id, if there is one.
    ///
    /// @param id any number
    public @Nullable CompletionQueue completion(int id) {
        return id >= 0 && id < completion.length ? completion[id] : null;
    }

    /// Adds a submission queue, which uses its completion queue from then on.
    public void add(SubmissionQueue queue) {
        submission[queue.id()] = queue;
        limit = Math.max(limit, queue.id() + 1);
        queue.completions().use(1);
    }

    /// Adds a completion queue.
    public void add(CompletionQueue queue) {
        completion[queue.id()] = queue;
        limit = Math.max(limit, queue.id() + 1);
    }

    /// Takes a submission queue out, of which nothing is at work any more.
    public void remove(SubmissionQueue queue) {
        queue.delete();
        submission[queue.id()] = null;
        queue.completions().use(-1);
        lowerLimit();
    }

    /// Takes a completion queue out.
    public void remove(CompletionQueue queue) {
        completion[queue.id()] = null;
        lowerLimit();
    }

    /// Takes all queues out.
    public void clear() {
        for (int id = 0; id < limit; id++) {
            SubmissionQueue queue = submission[id];
            if (queue != null) {
                queue.delete();
            }
            submission[id] = null;
            completion[id] = null;
        }
        limit = 0;
    }

    private void lowerLimit() {
        while (limit > 0 && submission[limit - 1] == null && completion[limit - 1] == null) {
            limit--;
        }
    }
}
