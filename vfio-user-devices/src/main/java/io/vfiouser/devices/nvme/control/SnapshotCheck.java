package io.vfiouser.devices.nvme.control;

import io.vfiouser.devices.nvme.control.Snapshot.Part;
import io.vfiouser.devices.nvme.spec.Limits;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/// Checks that the state from another process is one that this controller can have, before anything
/// of it is taken over.
final class SnapshotCheck {
    private static final int SERIAL_LENGTH = 20;

    private final Snapshot snapshot;
    private final Set<Long> completionIds = new HashSet<>();
    private final Set<Long> submissionIds = new HashSet<>();

    SnapshotCheck(Snapshot snapshot) {
        this.snapshot = snapshot;
    }

    /// @param shape what this controller has
    /// @param features how many numbers the features are
    void check(long[] shape, int features) {
        if (!Arrays.equals(snapshot.part(Part.SHAPE), shape)) {
            throw Snapshot.refused(
                    "state of another kind of controller: %s (expected: queues, namespaces, size: %s)"
                            .formatted(
                                    Arrays.toString(snapshot.part(Part.SHAPE)),
                                    Arrays.toString(shape)));
        }
        boolean named = snapshot.serial().chars().allMatch(c -> c >= ' ' && c <= '~');
        require(named && snapshot.serial().length() <= SERIAL_LENGTH, "serial number");
        checkRegisters();
        require(snapshot.part(Part.FEATURES).length == features, "features");
        require(snapshot.part(Part.COUNTERS).length == ControllerState.COUNTERS, "counters");
        checkBlocks(shape[1]);
        checkCompletionQueues(shape[0]);
        checkSubmissionQueues(shape[0]);
        checkKept();
        require(
                snapshot.part(Part.EVENT_REQUESTS).length <= Limits.EVENT_REQUESTS
                        && (snapshot.part(Part.EVENT_REQUESTS).length == 0
                                || submissionIds.contains(0L)),
                "event requests");
        require(snapshot.part(Part.EVENTS).length == ControllerState.EVENTS, "events");
        int shadow = snapshot.part(Part.SHADOW_DOORBELLS).length;
        require(shadow == 0 || shadow == 2, "shadow doorbells");
        checkHeld(shape[1]);
    }

    /// A controller that is ready or failed without being enabled would never be disabled.
    private void checkRegisters() {
        long[] registers = snapshot.part(Part.REGISTERS);
        require(registers.length == ControllerState.REGISTERS, "registers");
        boolean enabled = (registers[0] & 1) != 0;
        boolean readyOrFailed = (registers[1] & 3) != 0;
        require(enabled || !readyOrFailed, "registers");
    }

    private void checkBlocks(long namespaces) {
        long[] shifts = snapshot.part(Part.BLOCK_SHIFTS);
        require(shifts.length == namespaces, "block sizes");
        for (long shift : shifts) {
            require(shift == 9 || shift == 12, "block sizes");
        }
    }

    private void checkCompletionQueues(long most) {
        long[] all = snapshot.part(Part.COMPLETION_QUEUES);
        require(all.length % ControllerState.COMPLETION_FIELDS == 0, "completion queues");
        for (int i = 0; i < all.length; i += ControllerState.COMPLETION_FIELDS) {
            boolean fits =
                    isQueue(all, i, most)
                            && all[i + 5] >= 0
                            && all[i + 5] <= most
                            && (all[i + 6] & ~1) == 0
                            && (all[i + 7] & ~1) == 0;
            require(fits && completionIds.add(all[i]), "completion queues");
        }
    }

    private void checkSubmissionQueues(long most) {
        long[] all = snapshot.part(Part.SUBMISSION_QUEUES);
        require(all.length % ControllerState.SUBMISSION_FIELDS == 0, "submission queues");
        for (int i = 0; i < all.length; i += ControllerState.SUBMISSION_FIELDS) {
            boolean fits = isQueue(all, i, most) && completionIds.contains(all[i + 5]);
            require(fits && submissionIds.add(all[i]), "submission queues");
        }
    }

    /// The first five numbers of a queue: id, address, entries, head, tail.
    private static boolean isQueue(long[] all, int at, long most) {
        long entries = all[at + 2];
        return all[at] >= 0
                && all[at] <= most
                && entries >= 2
                && entries <= Limits.QUEUE_ENTRIES
                && all[at + 3] >= 0
                && all[at + 3] < entries
                && all[at + 4] >= 0
                && all[at + 4] < entries;
    }

    private void checkKept() {
        long[] all = snapshot.part(Part.KEPT);
        require(
                all.length % ControllerState.KEPT_FIELDS == 0
                        && all.length / ControllerState.KEPT_FIELDS
                                        + snapshot.part(Part.EVENT_REQUESTS).length
                                <= ControllerState.MOST_KEPT,
                "completions");
        for (int i = 0; i < all.length; i += ControllerState.KEPT_FIELDS) {
            require(submissionIds.contains(all[i]), "completions");
        }
    }

    private void checkHeld(long namespaces) {
        long[] all = snapshot.part(Part.HELD);
        int fields = ControllerState.HELD_FIELDS;
        require(
                all.length % fields == 0
                        && all.length / fields <= namespaces
                        && (all.length == 0 || submissionIds.contains(0L)),
                "formats");
        Set<Long> at = new HashSet<>();
        for (int i = 0; i < all.length; i += fields) {
            long id = all[i + 1];
            long namespace = all[i + 3];
            boolean isTarget = id == namespace || (int) id == Limits.BROADCAST_NAMESPACE;
            boolean fits =
                    isTarget
                            && namespace >= 1
                            && namespace <= namespaces
                            && (all[i + 2] & 0xf) <= 1
                            && all[i + 4] >= 0;
            require(fits && at.add(namespace), "formats");
        }
    }

    private static void require(boolean fits, String what) {
        if (!fits) {
            throw Snapshot.refused("state: %s out of range (expected: as saved)".formatted(what));
        }
    }
}
