package io.vfiouser.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.migration.SavePhase;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.MigrationState;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoDescriptorLeaks.class)
class MigrationRoundTripTest {
    private final HalvesDevice source = new HalvesDevice();
    private final HalvesDevice target = new HalvesDevice();

    @Test
    void movesTheStateOfAStoppedDevice() {
        byte[] state = randomState();
        try (var trip = MigrationRoundTrip.between(source, target)) {
            trip.source().writeBytes(0, 0, state);

            trip.move();

            assertThat(trip.target().readBytes(0, 0, HalvesDevice.SIZE)).isEqualTo(state);
            assertThat(trip.target().migration().state()).isEqualTo(MigrationState.RUNNING);
            assertThat(trip.source().migration().state()).isEqualTo(MigrationState.STOP);
        }
        assertThat(source.closed).isTrue();
        assertThat(target.closed).isTrue();
    }

    @Test
    void movesAFirstPartWhileTheDeviceRuns() {
        byte[] state = randomState();
        try (var trip = MigrationRoundTrip.between(source, target)) {
            trip.source().writeBytes(0, 0, state);

            trip.moveWithPreCopy();

            assertThat(trip.target().readBytes(0, 0, HalvesDevice.SIZE)).isEqualTo(state);
        }
    }

    @Test
    void aStateThatTheTargetRefusesIsAnError() {
        try (var trip = MigrationRoundTrip.between(source, target)) {
            byte[] state = trip.save(SavePhase.STOP_COPY);
            assertThat(state).hasSize(HalvesDevice.SIZE);

            assertThatExceptionOfType(RemoteErrorException.class)
                    .isThrownBy(() -> trip.load(Arrays.copyOf(state, state.length - 1)))
                    .extracting(RemoteErrorException::errno)
                    .isEqualTo(Errno.EINVAL);
        }
    }

    @Test
    void aSourceThatCannotBeServedLeavesNothingBehind() {
        var broken = new HalvesDevice();

        assertThatThrownBy(() -> MigrationRoundTrip.between(new NoLayout(), broken))
                .hasMessageContaining("no layout");

        assertThat(broken.closed).isTrue();
    }

    private static byte[] randomState() {
        byte[] state = new byte[HalvesDevice.SIZE];
        new Random(5).nextBytes(state);
        return state;
    }

    private static final class NoLayout implements Device {
        @Override
        public DeviceLayout layout() {
            throw new IllegalStateException("no layout");
        }
    }
}
