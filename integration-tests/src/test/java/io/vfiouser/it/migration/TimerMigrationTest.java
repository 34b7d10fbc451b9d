package io.vfiouser.it.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.RemoteIrq;
import io.vfiouser.client.RemoteMigration;
import io.vfiouser.device.migration.SavePhase;
import io.vfiouser.devices.timer.TimerDevice;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.MigrationState;
import io.vfiouser.testkit.MigrationRoundTrip;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The timer's state on its way from one server to another.
@ExtendWith(NoDescriptorLeaks.class)
class TimerMigrationTest {
    private static final int MEMORY = 0x3000;
    private static final int STATE_SIZE = MEMORY + 8;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final long now = Instant.now().getEpochSecond();
    private final MigrationRoundTrip trip =
            MigrationRoundTrip.between(new TimerDevice(), new TimerDevice());

    @AfterEach
    void close() {
        trip.close();
    }

    @Test
    void movesMemoryAndTime() {
        byte[] memory = write(1);
        trip.source().write(0, 0, 8, now + 1000);

        trip.move();

        assertThat(trip.target().readBytes(1, 0, MEMORY)).isEqualTo(memory);
        assertThat(trip.target().read(0, 0, 8)).isBetween(-1000L, -900L);
        assertThat(trip.source().migration().state()).isEqualTo(MigrationState.STOP);
    }

    @Test
    void preCopyGivesTheMemoryAndStopCopyAllOfItAgain() {
        byte[] early = write(1);
        byte[] first = trip.save(SavePhase.PRE_COPY);
        byte[] late = write(2);
        trip.source().write(0, 0, 8, now + 700);
        byte[] last = trip.save(SavePhase.STOP_COPY);

        assertThat(first).isEqualTo(early);
        assertThat(last).hasSize(STATE_SIZE).startsWith(late);
        assertThat(Arrays.copyOfRange(last, MEMORY, STATE_SIZE)).startsWith((byte) (now + 700));

        trip.load(last);
        assertThat(trip.target().readBytes(1, 0, MEMORY)).isEqualTo(late);
        assertThat(trip.target().read(0, 0, 8)).isBetween(-700L, -600L);
    }

    @Test
    void preCopyStreamEndsAndStopCopyBeginsAnewHoweverFarItWasRead() {
        byte[] memory = write(3);
        RemoteMigration source = trip.source().migration();
        source.changeState(MigrationState.PRE_COPY);
        assertThat(source.readData(100)).isEqualTo(Arrays.copyOf(memory, 100));

        source.changeState(MigrationState.STOP_COPY);

        assertThat(source.readData(100)).isEqualTo(Arrays.copyOf(memory, 100));
        assertThat(source.readData(STATE_SIZE)).hasSize(STATE_SIZE - 100);
        assertThat(source.readData(1)).isEmpty();
    }

    @Test
    void firesInPreCopyAndNotOnceItIsStopped() {
        RemoteIrq intx = trip.source().irq(0, 0);
        intx.arm();
        RemoteMigration source = trip.source().migration();

        source.changeState(MigrationState.PRE_COPY);
        trip.source().write(0, 0, 8, now);
        assertThat(intx.await(PATIENCE)).isEqualTo(1);

        source.changeState(MigrationState.STOP);
        trip.source().write(0, 0, 8, now - 1);
        trip.source().writeBytes(1, 0x1000, new byte[] {4, 5, 6});
        assertThat(trip.source().readBytes(1, 0x1000, 3)).containsExactly(4, 5, 6);
        assertThat(intx.take()).as("two answers later").isZero();

        source.changeState(MigrationState.RUNNING);
        assertThat(intx.await(PATIENCE)).as("what was due while it was stopped").isEqualTo(1);
    }

    @Test
    void isArmedForTheStoredTimeOnTheWayToRunning() {
        trip.source().write(0, 0, 8, now - 5);
        byte[] state = trip.save(SavePhase.STOP_COPY);
        RemoteIrq intx = trip.target().irq(0, 0);
        intx.arm();
        RemoteMigration target = trip.target().migration();

        target.changeState(MigrationState.RESUMING);
        target.writeData(state);
        target.changeState(MigrationState.STOP);
        assertThat(trip.target().read(0, 0, 8)).isBetween(5L, 100L);
        assertThat(intx.take()).isZero();

        target.changeState(MigrationState.RUNNING);
        assertThat(intx.await(PATIENCE)).isEqualTo(1);
    }

    @Test
    void tooShortOrTooLongStreamsFailTheChangeOutOfResuming() {
        write(4);
        byte[] state = trip.save(SavePhase.STOP_COPY);
        RemoteMigration target = trip.target().migration();

        target.changeState(MigrationState.RESUMING);
        target.writeData(Arrays.copyOf(state, STATE_SIZE - 1));
        refused(() -> target.changeState(MigrationState.STOP));
        assertThat(target.state()).isEqualTo(MigrationState.RESUMING);
        target.writeData(new byte[] {state[STATE_SIZE - 1], 0});
        refused(() -> target.changeState(MigrationState.RUNNING));
        target.writeData(new byte[100]);
        refused(() -> target.changeState(MigrationState.STOP));

        trip.target().reset();
        assertThat(target.state()).isEqualTo(MigrationState.RUNNING);
        trip.load(state);
        assertThat(trip.target().readBytes(1, 0, MEMORY)).isEqualTo(Arrays.copyOf(state, MEMORY));
    }

    private byte[] write(long seed) {
        byte[] memory = new byte[MEMORY];
        new Random(seed).nextBytes(memory);
        trip.source().writeBytes(1, 0, memory);
        return memory;
    }

    private static void refused(Runnable call) {
        assertThatExceptionOfType(RemoteErrorException.class)
                .isThrownBy(call::run)
                .extracting(RemoteErrorException::errno)
                .isEqualTo(Errno.EINVAL);
    }
}
