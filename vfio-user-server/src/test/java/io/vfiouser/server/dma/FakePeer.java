package io.vfiouser.server.dma;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.outcome.Completion;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

/// A client whose memory at each address holds [#byteAt] of it. It notes what it is asked and
/// answers at once, or when it is told to.
final class FakePeer implements PeerMemory {
    /// One DMA_READ or DMA_WRITE.
    record Asked(AccessMode mode, long iova, long length) {}

    final List<Asked> asked = new ArrayList<>();
    final List<byte[]> written = new ArrayList<>();
    private final Queue<Runnable> answers = new ArrayDeque<>();
    private final Queue<CompletableFuture<Void>> waiting = new ArrayDeque<>();
    private final boolean patient;

    private FakePeer(boolean patient) {
        this.patient = patient;
    }

    static FakePeer answeringAtOnce() {
        return new FakePeer(false);
    }

    static FakePeer answeringWhenTold() {
        return new FakePeer(true);
    }

    static byte byteAt(long iova) {
        return (byte) (iova * 31 + 7);
    }

    /// Answers the oldest message that waits.
    void answer() {
        answers.remove().run();
        waiting.remove().complete(null);
    }

    /// Answers the oldest message that waits with an error.
    void fail(Throwable error) {
        answers.remove();
        waiting.remove().completeExceptionally(error);
    }

    @Override
    public Completion read(long iova, MemorySegment into) {
        return note(
                new Asked(AccessMode.READ, iova, into.byteSize()),
                () -> {
                    byte[] bytes = new byte[(int) into.byteSize()];
                    for (int i = 0; i < bytes.length; i++) {
                        bytes[i] = byteAt(iova + i);
                    }
                    into.copyFrom(MemorySegment.ofArray(bytes));
                });
    }

    @Override
    public Completion write(long iova, MemorySegment from) {
        return note(
                new Asked(AccessMode.WRITE, iova, from.byteSize()),
                () -> written.add(from.toArray(JAVA_BYTE)));
    }

    private Completion note(Asked message, Runnable answer) {
        asked.add(message);
        if (!patient) {
            answer.run();
            return message.length() % 2 == 0
                    ? Completion.DONE
                    : Completion.after(CompletableFuture.completedStage(null));
        }
        answers.add(answer);
        var stage = new CompletableFuture<Void>();
        waiting.add(stage);
        return Completion.after(stage);
    }
}
