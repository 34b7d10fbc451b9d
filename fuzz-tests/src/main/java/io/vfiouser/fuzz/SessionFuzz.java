package io.vfiouser.fuzz;

import io.vfiouser.server.ServedDevice;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A client that talks to a served device: proper and broken messages in any order, with
/// descriptors of all kinds, memory that shrinks, answers that nobody asked for. When it has gone,
/// its device is free again, as many descriptors are open as before, no exception was logged, and
/// the device serves a good client.
///
/// Input: a byte that chooses the device, then the steps of a [FuzzClient].
public final class SessionFuzz {
    private static final int MAX_STEPS = 60;
    private static final int PATIENCE_SECONDS = 20;
    private static final int VISIT_EVERY = 64;

    private static int runs;

    private SessionFuzz() {}

    /// Runs one input.
    public static void fuzzerTestOneInput(byte[] bytes) throws Exception {
        var input = new Input(bytes);
        var served = SessionWorld.INSTANCE.device(input.u8());
        int before = SessionWorld.openDescriptors();
        CompletionStage<?> gone = served.clientGone();
        try (var client = FuzzClient.connect(served, input)) {
            for (int i = 0; i < MAX_STEPS && input.hasMore(); i++) {
                client.step();
            }
        }
        await(served, gone);
        SessionWorld.INSTANCE.checkDescriptors(before);
        if (++runs % VISIT_EVERY == 0) {
            SessionWorld.INSTANCE.visit(served);
        }
        SessionWorld.INSTANCE.log().check();
    }

    private static void await(ServedDevice served, CompletionStage<?> gone)
            throws InterruptedException, ExecutionException {
        try {
            gone.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError(
                    served.name() + ": client not released after " + PATIENCE_SECONDS + " s", e);
        }
    }
}
