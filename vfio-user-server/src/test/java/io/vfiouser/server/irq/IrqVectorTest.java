package io.vfiouser.server.irq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.vfiouser.os.EventFd;
import io.vfiouser.server.pci.VectorMasks;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoDescriptorLeaks.class)
class IrqVectorTest {
    private final ConfigMask mask = new ConfigMask();
    private final Queue<Runnable> later = new ArrayDeque<>();
    private final InterruptRate two = new InterruptRate(200, (task, _) -> later.add(task), () -> 0);
    private final InterruptRate ample =
            new InterruptRate(1 << 30, (_, _) -> fail("late"), System::nanoTime);
    private final LongAdder signals = new LongAdder();
    private final IrqVector message =
            new IrqVector(3, false, mask, ample, _ -> signals.increment());
    private final IrqVector level = new IrqVector(0, true, mask, ample, _ -> signals.increment());
    private final IrqVector slow = new IrqVector(4, false, mask, two, _ -> signals.increment());
    private final IrqVector slowLevel = new IrqVector(1, true, mask, two, _ -> signals.increment());
    private final EventFd eventFd = EventFd.create();

    @AfterEach
    void disarm() {
        message.disarm();
        level.disarm();
        slow.disarm();
        slowLevel.disarm();
        eventFd.close();
    }

    @Test
    void tooManyBecomeOneThatComesLate() {
        slow.arm(eventFd);
        for (int i = 0; i < 10; i++) {
            assertThat(slow.trigger()).isTrue();
        }
        assertThat(eventFd.drain()).isEqualTo(2);
        assertThat(later).hasSize(1);
        later.remove().run();
        assertThat(eventFd.drain()).isEqualTo(1);
        slow.trigger();
        assertThat(eventFd.drain()).as("of a new window").isEqualTo(1);
        assertThat(later).isEmpty();
    }

    @Test
    void aLateEdgeThatIsMaskedMeanwhileStaysPending() {
        slow.arm(eventFd);
        makeLate();
        mask.masked = true;
        later.remove().run();
        assertThat(eventFd.drain()).isZero();
        assertThat(mask.pendingShown).isTrue();
        mask.masked = false;
        slow.release();
        assertThat(eventFd.drain()).isEqualTo(1);
    }

    @Test
    void aLateEdgeWaitsForTheNextEventFd() {
        mask.enabled = true;
        slow.arm(EventFd.create());
        makeLate();
        slow.disarm();
        later.remove().run();
        slow.arm(eventFd);
        assertThat(eventFd.drain()).isEqualTo(1);
    }

    @Test
    void aLateLevelFiresUnlessItIsTakenBack() {
        slow.arm(EventFd.create());
        makeLate();
        slowLevel.arm(eventFd);
        slowLevel.raise();
        assertThat(eventFd.drain()).isZero();
        later.remove().run();
        assertThat(eventFd.drain()).isEqualTo(1);
        slowLevel.unmask();
        assertThat(later).as("still high, and the window is used up").hasSize(1);
        slowLevel.lower();
        later.remove().run();
        assertThat(eventFd.drain()).isZero();
    }

    @Test
    void aLateLevelThatIsMaskedMeanwhileFiresOnUnmask() {
        slow.arm(EventFd.create());
        makeLate();
        slowLevel.arm(eventFd);
        slowLevel.raise();
        mask.masked = true;
        later.remove().run();
        assertThat(eventFd.drain()).isZero();
        mask.masked = false;
        slowLevel.release();
        assertThat(eventFd.drain()).isEqualTo(1);
    }

    /// Uses the window up, and one more.
    private void makeLate() {
        for (int i = 0; i < 3; i++) {
            slow.trigger();
        }
        eventFd.drain();
    }

    @Test
    void saysThatNobodyListens() {
        assertThat(message.trigger()).isFalse();
        assertThat(message.isArmed()).isFalse();
    }

    @Test
    void firesOncePerTrigger() {
        message.arm(eventFd);
        assertThat(message.trigger()).isTrue();
        assertThat(message.trigger()).isTrue();
        assertThat(eventFd.drain()).isEqualTo(2);
    }

    @Test
    void aMaskedVectorStaysPendingAndFiresOnUnmask() {
        message.arm(eventFd);
        message.mask();
        assertThat(message.trigger()).isTrue();
        assertThat(eventFd.drain()).isZero();
        assertThat(mask.pendingShown).isTrue();
        message.unmask();
        assertThat(eventFd.drain()).isEqualTo(1);
        assertThat(mask.pendingShown).isFalse();
    }

    @Test
    void aMaskInConfigSpaceCountsToo() {
        message.arm(eventFd);
        mask.masked = true;
        message.trigger();
        message.unmask();
        assertThat(eventFd.drain()).isZero();
        mask.masked = false;
        message.release();
        assertThat(eventFd.drain()).isEqualTo(1);
    }

    @Test
    void aLevelMasksItselfUntilUnmasked() {
        level.arm(eventFd);
        level.raise();
        level.raise();
        assertThat(eventFd.drain()).isEqualTo(1);
        level.unmask();
        assertThat(eventFd.drain()).as("still high").isEqualTo(1);
        level.lower();
        level.unmask();
        assertThat(eventFd.drain()).as("low").isZero();
    }

    @Test
    void aLevelThatWentLowFiresAnewWithoutUnmask() {
        level.arm(eventFd);
        level.raise();
        level.lower();
        level.raise();
        assertThat(eventFd.drain()).isEqualTo(2);
    }

    @Test
    void aLevelThatIsHighFiresWhenArmed() {
        assertThat(level.raise()).isFalse();
        level.arm(eventFd);
        assertThat(eventFd.drain()).isEqualTo(1);
    }

    @Test
    void theInterruptStatusBitFollowsTheLevel() {
        level.raise();
        assertThat(mask.pendingShown).isTrue();
        level.lower();
        assertThat(mask.pendingShown).isFalse();
    }

    @Test
    void anEdgeFiresWhateverTheAutomaticMaskSays() {
        level.arm(eventFd);
        level.raise();
        level.trigger();
        assertThat(eventFd.drain()).isEqualTo(2);
    }

    @Test
    void disarmForgetsWhatIsPending() {
        message.arm(EventFd.create());
        message.mask();
        message.trigger();
        message.disarm();
        message.arm(eventFd);
        message.unmask();
        assertThat(eventFd.drain()).isZero();
    }

    @Test
    void anEnabledVectorWaitsForItsEventFd() {
        mask.enabled = true;
        assertThat(message.trigger()).as("nobody listens").isFalse();
        assertThat(mask.pendingShown).isTrue();

        message.arm(eventFd);

        assertThat(eventFd.drain()).isEqualTo(1);
        assertThat(mask.pendingShown).isFalse();
    }

    @Test
    void anEnabledVectorThatWaitsStaysMasked() {
        mask.enabled = true;
        mask.masked = true;
        message.trigger();
        message.arm(eventFd);
        assertThat(eventFd.drain()).isZero();

        mask.masked = false;
        message.release();

        assertThat(eventFd.drain()).isEqualTo(1);
    }

    @Test
    void armingAnewForgetsNothingWhileEnabled() {
        mask.enabled = true;
        message.trigger();
        message.disarm();
        message.arm(eventFd);

        assertThat(eventFd.drain()).isEqualTo(1);
    }

    @Test
    void whatWaitsIsForgottenWhenTheTypeIsDisabled() {
        mask.enabled = true;
        message.trigger();
        mask.enabled = false;
        message.release();
        assertThat(mask.pendingShown).isFalse();

        message.arm(eventFd);

        assertThat(eventFd.drain()).isZero();
    }

    private static final class ConfigMask implements VectorMasks {
        boolean enabled;
        boolean masked;
        boolean pendingShown;

        @Override
        public boolean enabled() {
            return enabled;
        }

        @Override
        public boolean masked(int vector) {
            return masked;
        }

        @Override
        public boolean pending(int vector) {
            return pendingShown;
        }

        @Override
        public void showPending(int vector, boolean pending) {
            pendingShown = pending;
        }
    }
}
