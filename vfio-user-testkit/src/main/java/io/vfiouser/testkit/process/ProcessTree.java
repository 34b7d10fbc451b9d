package io.vfiouser.testkit.process;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/// A process with all that it started, ended as one.
public final class ProcessTree {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private ProcessTree() {}

    /// Kills `process` and its descendants, and waits until they are gone. Nothing happens to
    /// descendants of a process that has ended before: they are no longer known as its own.
    public static void kill(Process process) {
        List<ProcessHandle> tree =
                Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
        // Parents before children: a parent that is gone starts no more of them. What it started
        // since the list was made is still found below its children.
        for (ProcessHandle member : tree) {
            List<ProcessHandle> late = member.descendants().toList();
            member.destroyForcibly();
            late.forEach(ProcessHandle::destroyForcibly);
        }
        var gone =
                CompletableFuture.allOf(
                        tree.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new));
        try {
            gone.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("processes: " + tree + " (expected: gone after SIGKILL)", e);
        }
    }
}
