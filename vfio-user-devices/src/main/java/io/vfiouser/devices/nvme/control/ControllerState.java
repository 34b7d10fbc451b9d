package io.vfiouser.devices.nvme.control;

import io.vfiouser.devices.nvme.admin.AdminCommands;
import io.vfiouser.devices.nvme.admin.AsyncEvents;
import io.vfiouser.devices.nvme.admin.Features;
import io.vfiouser.devices.nvme.control.Snapshot.Part;
import io.vfiouser.devices.nvme.engine.Engine;
import io.vfiouser.devices.nvme.guest.GuestWindows;
import io.vfiouser.devices.nvme.log.ErrorLog;
import io.vfiouser.devices.nvme.log.Health;
import io.vfiouser.devices.nvme.namespace.Namespaces;
import io.vfiouser.devices.nvme.queue.CompletionQueue;
import io.vfiouser.devices.nvme.queue.Interrupts;
import io.vfiouser.devices.nvme.queue.QueueTable;
import io.vfiouser.devices.nvme.queue.SubmissionQueue;
import io.vfiouser.devices.nvme.spec.FeatureId;
import io.vfiouser.devices.nvme.spec.Limits;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;

/// Turns the parts of a controller into a [Snapshot], and back.
///
/// @param ioQueues I/O queue pairs that the controller can have
record ControllerState(
        int ioQueues,
        Namespaces namespaces,
        GuestWindows windows,
        QueueTable queues,
        ErrorLog errors,
        Health health,
        Features features,
        Interrupts interrupts,
        Engine engine,
        AsyncEvents events,
        AdminCommands admin,
        ControllerRegisters registers) {
    static final int REGISTERS = 6;
    static final int COUNTERS = 7;
    static final int EVENTS = AsyncEvents.STATE_SIZE;
    static final int COMPLETION_FIELDS = 8;
    static final int SUBMISSION_FIELDS = 6;
    static final int KEPT_FIELDS = 4;
    static final int HELD_FIELDS = AdminCommands.HELD_FIELDS;
    static final int MOST_KEPT = 1024;

    Snapshot save(String serial, long[] shadowDoorbells) {
        Map<Part, long[]> parts = new EnumMap<>(Part.class);
        parts.put(Part.SHAPE, shape());
        parts.put(Part.REGISTERS, append(registers.state(), interrupts.masked()));
        parts.put(Part.FEATURES, features.state());
        parts.put(Part.COUNTERS, append(health.counters(), errors.count()));
        parts.put(Part.BLOCK_SHIFTS, blockShifts());
        parts.put(Part.COMPLETION_QUEUES, completionQueues());
        parts.put(Part.SUBMISSION_QUEUES, submissionQueues());
        parts.put(Part.KEPT, engine.waitingCompletions());
        parts.put(Part.EVENT_REQUESTS, events.waiting());
        parts.put(Part.EVENTS, events.state());
        parts.put(Part.SHADOW_DOORBELLS, shadowDoorbells);
        parts.put(Part.HELD, admin.held());
        return new Snapshot(serial, parts);
    }

    void check(Snapshot snapshot) {
        new SnapshotCheck(snapshot).check(shape(), features.state().length);
        long[] shifts = snapshot.part(Part.BLOCK_SHIFTS);
        for (int i = 0; i < shifts.length; i++) {
            if (!namespaces.at(i).takes((int) shifts[i])) {
                throw Snapshot.refused(
                        "block size: 2^%d (expected: one of the storage)".formatted(shifts[i]));
            }
        }
    }

    /// Takes over a state that was checked. The controller has none of its own.
    void restore(Snapshot snapshot) {
        long[] values = snapshot.part(Part.REGISTERS);
        registers.restore(values);
        interrupts.mask((int) values[REGISTERS - 1]);
        features.restore(snapshot.part(Part.FEATURES));
        long[] counters = snapshot.part(Part.COUNTERS);
        health.restore(counters);
        errors.restore(counters[COUNTERS - 1]);
        long[] shifts = snapshot.part(Part.BLOCK_SHIFTS);
        for (int i = 0; i < shifts.length; i++) {
            namespaces.at(i).format((int) shifts[i]);
        }
        restoreQueues(snapshot);
        engine.restoreWaiting(snapshot.part(Part.KEPT));
        interrupts.coalesce(
                features.value(FeatureId.INTERRUPT_COALESCING), features.uncoalescedVectors());
        SubmissionQueue adminQueue = queues.submission(0);
        admin.restore(
                snapshot.part(Part.HELD),
                id -> engine.restored(Objects.requireNonNull(adminQueue), id));
        for (long commandId : snapshot.part(Part.EVENT_REQUESTS)) {
            events.adopt(engine.restored(Objects.requireNonNull(adminQueue), (int) commandId));
        }
        events.restore(snapshot.part(Part.EVENTS));
    }

    private void restoreQueues(Snapshot snapshot) {
        long[] all = snapshot.part(Part.COMPLETION_QUEUES);
        for (int i = 0; i < all.length; i += COMPLETION_FIELDS) {
            var queue =
                    new CompletionQueue(
                            windows,
                            (int) all[i],
                            all[i + 1],
                            (int) all[i + 2],
                            (int) all[i + 5],
                            all[i + 6] != 0);
            queue.restore((int) all[i + 3], (int) all[i + 4], (int) all[i + 7]);
            queues.add(queue);
        }
        long[] submission = snapshot.part(Part.SUBMISSION_QUEUES);
        for (int i = 0; i < submission.length; i += SUBMISSION_FIELDS) {
            var queue =
                    new SubmissionQueue(
                            windows,
                            (int) submission[i],
                            submission[i + 1],
                            (int) submission[i + 2],
                            Objects.requireNonNull(queues.completion((int) submission[i + 5])));
            queue.restore((int) submission[i + 3], (int) submission[i + 4]);
            queues.add(queue);
        }
    }

    private long[] shape() {
        return new long[] {ioQueues, namespaces.count(), namespaces.at(0).size()};
    }

    private long[] blockShifts() {
        long[] shifts = new long[namespaces.count()];
        for (int i = 0; i < shifts.length; i++) {
            shifts[i] = namespaces.at(i).blockShift();
        }
        return shifts;
    }

    private long[] completionQueues() {
        LongStream.Builder all = LongStream.builder();
        for (int id = 0; id < Limits.QUEUES; id++) {
            CompletionQueue queue = queues.completion(id);
            if (queue != null) {
                all.add(id)
                        .add(queue.iova())
                        .add(queue.entries())
                        .add(queue.head())
                        .add(queue.tail())
                        .add(queue.vector())
                        .add(queue.interrupts() ? 1 : 0)
                        .add(queue.phase());
            }
        }
        return all.build().toArray();
    }

    private long[] submissionQueues() {
        LongStream.Builder all = LongStream.builder();
        for (int id = 0; id < Limits.QUEUES; id++) {
            SubmissionQueue queue = queues.submission(id);
            if (queue != null) {
                all.add(id)
                        .add(queue.iova())
                        .add(queue.entries())
                        .add(queue.head())
                        .add(queue.tail())
                        .add(queue.completions().id());
            }
        }
        return all.build().toArray();
    }

    private static long[] append(long[] list, long value) {
        long[] longer = Arrays.copyOf(list, list.length + 1);
        longer[list.length] = value;
        return longer;
    }
}
