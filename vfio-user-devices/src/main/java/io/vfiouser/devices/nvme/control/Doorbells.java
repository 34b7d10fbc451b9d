package io.vfiouser.devices.nvme.control;

import io.vfiouser.devices.nvme.admin.AsyncEvents;
import io.vfiouser.devices.nvme.engine.Engine;
import io.vfiouser.devices.nvme.queue.CompletionQueue;
import io.vfiouser.devices.nvme.queue.Interrupts;
import io.vfiouser.devices.nvme.queue.QueueTable;
import io.vfiouser.devices.nvme.queue.SubmissionQueue;

/// Doorbell writes that reach the controller as messages (NVMe 1.4: "Submission Queue y Tail
/// Doorbell").
final class Doorbells {
    private final QueueTable queues;
    private final Engine engine;
    private final Interrupts interrupts;
    private final AsyncEvents events;

    Doorbells(QueueTable queues, Engine engine, Interrupts interrupts, AsyncEvents events) {
        this.queues = queues;
        this.engine = engine;
        this.interrupts = interrupts;
        this.events = events;
    }

    /// Takes a write.
    ///
    /// @param index the doorbell, counted from 0x1000 in steps of 4 bytes
    /// @param value unsigned
    void ring(int index, long value) {
        if (engine.isStopped()) {
            return;
        }
        if ((index & 1) == 0) {
            ringSubmission(index >>> 1, value);
        } else {
            ringCompletion(index >>> 1, value);
        }
    }

    private void ringSubmission(int id, long value) {
        SubmissionQueue queue = queues.submission(id);
        if (queue == null) {
            events.invalidDoorbell();
        } else if (queue.ring(value)) {
            engine.ring(queue);
        } else {
            events.invalidDoorbellValue();
        }
    }

    private void ringCompletion(int id, long value) {
        CompletionQueue queue = queues.completion(id);
        if (queue == null) {
            events.invalidDoorbell();
        } else if (queue.ring(value)) {
            interrupts.seen(queue);
            engine.room(queue);
        } else {
            events.invalidDoorbellValue();
        }
    }
}
