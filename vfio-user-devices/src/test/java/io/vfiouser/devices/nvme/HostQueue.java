package io.vfiouser.devices.nvme;

import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.testkit.DeviceTester;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// The host's side of one queue pair in the tester's memory.
final class HostQueue {
    private static final int ENTRY_SIZE = 16;

    private final DeviceTester tester;
    private final MemorySegment ram;
    private final int id;
    private final int entries;
    private final long submissions;
    private final long completions;
    private int tail;
    private int head;
    private int phase = 1;

    /// @param submissions where the ring is in `ram`
    /// @param completions where the ring is in `ram`
    HostQueue(
            DeviceTester tester,
            MemorySegment ram,
            int id,
            int entries,
            long submissions,
            long completions) {
        this.tester = tester;
        this.ram = ram;
        this.id = id;
        this.entries = entries;
        this.submissions = submissions;
        this.completions = completions;
    }

    /// What the controller answered.
    record Answer(int commandId, int status, long result, int submissionHead) {}

    /// Puts an entry into the ring, without the doorbell.
    void put(HostCommand command) {
        MemorySegment.copy(
                command.bytes(),
                0,
                ram,
                submissions + (long) tail * HostCommand.SIZE,
                HostCommand.SIZE);
        tail = (tail + 1) % entries;
    }

    /// Writes the tail doorbell.
    void ring() {
        tester.write(0, 0x1000 + 8L * id, 4, tail);
    }

    /// The completions that have come, consumed but not acknowledged.
    List<Answer> take() {
        var answers = new ArrayList<Answer>();
        while (true) {
            long at = completions + (long) head * ENTRY_SIZE;
            int last = ram.get(LittleEndian.INT, at + 12);
            if ((last >>> 16 & 1) != phase) {
                return answers;
            }
            int heads = ram.get(LittleEndian.INT, at + 8);
            answers.add(
                    new Answer(
                            last & 0xffff,
                            last >>> 17 & 0x7fff,
                            ram.get(LittleEndian.LONG, at),
                            heads & 0xffff));
            head = (head + 1) % entries;
            phase ^= head == 0 ? 1 : 0;
        }
    }

    /// Writes the head doorbell.
    void acknowledge() {
        tester.write(0, 0x1004 + 8L * id, 4, head);
    }

    /// Does one command and gives its answer.
    Answer run(HostCommand command) {
        put(command);
        ring();
        tester.runTasks();
        List<Answer> answers = take();
        if (answers.size() != 1) {
            throw new AssertionError("answers: " + answers + " (expected: one)");
        }
        acknowledge();
        return answers.getFirst();
    }
}
