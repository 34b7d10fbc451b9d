package io.vfiouser.device.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class CompletionTest {
    @Test
    void doneGoesOnAtOnce() {
        var ran = new boolean[1];
        Completion next =
                Completion.DONE.then(() -> {
                    ran[0] = true;
                    return Completion.DONE;
                });
        assertThat(ran[0]).isTrue();
        assertThat(next).isSameAs(Completion.DONE);
    }

    @Test
    void pendingGoesOnWhenItsStageIsDone() {
        var first = new CompletableFuture<String>();
        var second = new CompletableFuture<String>();
        var all = Completion.after(first).then(() -> Completion.after(second)).stage();
        assertThat(all.toCompletableFuture()).isNotDone();
        first.complete("a");
        assertThat(all.toCompletableFuture()).isNotDone();
        second.complete("b");
        assertThat(all.toCompletableFuture()).isCompleted();
    }

    @Test
    void anErrorSkipsWhatFollows() {
        var first = new CompletableFuture<String>();
        var ran = new boolean[1];
        var all =
                Completion.after(first)
                        .then(() -> {
                            ran[0] = true;
                            return Completion.DONE;
                        })
                        .stage()
                        .toCompletableFuture();
        first.completeExceptionally(new IllegalStateException("boom"));
        assertThat(all).isCompletedExceptionally();
        assertThat(ran[0]).isFalse();
    }

    @Test
    void attemptedWorkThatThrowsIsDoneWithTheError() {
        var boom = new IllegalStateException("boom");
        Completion failed =
                Completion.attempt(() -> {
                    throw boom;
                });
        assertThat(failed.stage().toCompletableFuture().exceptionNow()).isSameAs(boom);
        assertThat(Completion.attempt(() -> Completion.DONE)).isSameAs(Completion.DONE);
    }

    @Test
    void recoveredErrorIsHandedOverBareAndIsNoneForWhatFollows() {
        var first = new CompletableFuture<String>();
        var boom = new IllegalStateException("boom");
        var seen = new ArrayList<Object>();
        var all =
                Completion.after(first.thenApply(text -> text))
                        .then(() -> Completion.DONE)
                        .recover(seen::add)
                        .then(() -> {
                            seen.add("next");
                            return Completion.DONE;
                        })
                        .stage()
                        .toCompletableFuture();
        first.completeExceptionally(boom);
        assertThat(all).isCompleted();
        assertThat(seen).containsExactly(boom, "next");
    }

    @Test
    void withoutAnErrorThereIsNothingToRecover() {
        var seen = new ArrayList<Throwable>();
        var first = new CompletableFuture<String>();
        var all = Completion.after(first).recover(seen::add).stage().toCompletableFuture();
        assertThat(all).isNotDone();
        first.complete("a");
        assertThat(all).isCompleted();
        assertThat(Completion.DONE.recover(seen::add)).isSameAs(Completion.DONE);
        assertThat(seen).isEmpty();
    }
}
