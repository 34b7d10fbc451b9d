package io.vfiouser.server.dispatch;

import io.vfiouser.device.ResetReason;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.outcome.Completion;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Notes what handlers ask of a device; becomes quiet at once, or when it is told to.
final class RecordingCalls implements DeviceCalls {
    final List<String> calls = new ArrayList<>();
    final CompletableFuture<@Nullable Void> quiet = new CompletableFuture<>();
    boolean late;

    private final List<Runnable> tasks = new ArrayList<>();

    @Override
    public Completion quiesce() {
        calls.add("quiesce");
        return late ? Completion.after(quiet) : Completion.DONE;
    }

    @Override
    public void resume() {
        calls.add("resume");
    }

    @Override
    public Completion reset(ResetReason reason) {
        calls.add("reset " + reason);
        return Completion.DONE;
    }

    @Override
    public void later(Runnable task) {
        tasks.add(task);
    }

    @Override
    public void nextTurn(Runnable task) {
        tasks.add(task);
    }

    /// Whether something waits for [#runTasks()].
    boolean hasTasks() {
        return !tasks.isEmpty();
    }

    @Override
    public Completion onLoop(Completion completion) {
        return completion;
    }

    /// Runs what was to run later.
    void runTasks() {
        List<Runnable> all = List.copyOf(tasks);
        tasks.clear();
        all.forEach(Runnable::run);
    }

    @Override
    public void memoryMapped(DmaRange range) {
        calls.add("mapped " + range);
    }

    @Override
    public void memoryUnmapped(DmaRange range) {
        calls.add("unmapped " + range);
    }
}
