package io.vfiouser.client;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// The commands for a thread that waits for each reply.
final class Blocking {
    private final ClientSession session;
    private final AsyncCommands commands;

    Blocking(ClientSession session, AsyncCommands commands) {
        this.session = session;
        this.commands = commands;
    }

    /// The commands, for a caller that will wait.
    ///
    /// @throws IllegalStateException on a loop, before anything is sent
    AsyncCommands commands() {
        checkMayWait(session.connection().isOnLoop());
        return commands;
    }

    /// Waits for a result. The failure it throws has the trace of the calling thread.
    <T extends @Nullable Object> T await(CompletableFuture<T> result) {
        checkMayWait(session.connection().isOnLoop());
        return join(result);
    }

    /// Whether more can be sent without piling up in memory.
    boolean hasRoom() {
        return session.connection().isWritable();
    }

    /// Refuses to wait on a loop.
    ///
    /// @throws IllegalStateException if the calling thread runs one
    static void checkMayWait(boolean onLoop) {
        if (onLoop) {
            throw new IllegalStateException(
                    "thread: "
                            + Thread.currentThread().getName()
                            + ", an event loop (expected: a thread that may wait; on a loop use"
                            + " async())");
        }
    }

    /// Waits on a thread that is known to be no loop.
    static <T extends @Nullable Object> T join(CompletableFuture<T> result) {
        try {
            return result.get();
        } catch (ExecutionException e) {
            throw unwrapped(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while waiting for the server");
        }
    }

    private static RuntimeException unwrapped(ExecutionException e) {
        if (e.getCause() instanceof Error error) {
            throw error;
        }
        if (e.getCause() instanceof RuntimeException failure) {
            failure.fillInStackTrace();
            return failure;
        }
        return new IllegalStateException("failure: " + e.getCause() + " (expected: unchecked)", e);
    }
}
