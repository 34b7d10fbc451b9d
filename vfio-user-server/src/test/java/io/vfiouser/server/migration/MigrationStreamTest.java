package io.vfiouser.server.migration;

import static io.vfiouser.protocol.MigrationState.PRE_COPY;
import static io.vfiouser.protocol.MigrationState.RESUMING;
import static io.vfiouser.protocol.MigrationState.RUNNING;
import static io.vfiouser.protocol.MigrationState.STOP;
import static io.vfiouser.protocol.MigrationState.STOP_COPY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.MigrationState;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MigrationStreamTest {
    private final DeviceException busy = new DeviceException(Errno.EBUSY, "not now");

    private final MachineFixture fixture = new MachineFixture();
    private final MigrationMachine machine = fixture.machine;
    private final RecordingDevice device = fixture.device;

    @BeforeEach
    void largeState() {
        device.state = new byte[101];
        for (int i = 0; i < device.state.length; i++) {
            device.state[i] = (byte) (i * 7 + 1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "PRE_COPY,  1,   1000, false",
        "PRE_COPY,  7,   3,    false",
        "STOP_COPY, 100, 1000, false",
        "STOP_COPY, 101, 1000, false",
        "STOP_COPY, 102, 1,    false",
        "STOP_COPY, 7,   3,    true",
        "STOP_COPY, 200, 1,    true",
    })
    void aReadIsShortOnlyAtTheEnd(MigrationState state, int size, int longestRead, boolean late) {
        fixture.in(state);
        device.longestRead = longestRead;
        device.late = late;

        var all = new ByteArrayOutputStream();
        int count = size;
        while (count == size) {
            byte[] buffer = new byte[size];
            count = read(MemorySegment.ofArray(buffer));
            all.write(buffer, 0, count);
        }

        assertThat(all.toByteArray()).isEqualTo(device.state);
        assertThat(read(Bytes.room(size))).as("after the end").isZero();
    }

    @Test
    void aReadOfNothingDoesNotAskTheDevice() {
        fixture.in(STOP_COPY);
        device.fail("ready", busy);

        assertThat(read(Bytes.room(0))).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"ERROR", "STOP", "RUNNING", "RESUMING"})
    void refusesToReadInAStateWithNothingToRead(MigrationState state) {
        fixture.in(state);

        assertThatExceptionOfType(RequestRejectedException.class)
                .isThrownBy(() -> machine.read(Bytes.room(1)))
                .withMessage("migration state: " + state + " (expected: PRE_COPY or STOP_COPY)")
                .extracting(RequestRejectedException::errno)
                .isEqualTo(Errno.EINVAL);
        assertThatExceptionOfType(RequestRejectedException.class).isThrownBy(machine::remaining);
    }

    @ParameterizedTest
    @EnumSource(names = {"ERROR", "STOP", "RUNNING", "STOP_COPY", "PRE_COPY"})
    void refusesToWriteInAStateThatDoesNotLoad(MigrationState state) {
        fixture.in(state);

        assertThatExceptionOfType(RequestRejectedException.class)
                .isThrownBy(() -> machine.write(Bytes.of(1)))
                .withMessage("migration state: " + state + " (expected: RESUMING)")
                .extracting(RequestRejectedException::errno)
                .isEqualTo(Errno.EINVAL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ready", "read"})
    void aRefusedReadCanBeTriedAgain(String call) {
        fixture.in(STOP_COPY);
        device.fail(call, busy);

        assertThat(fixture.failure(() -> machine.read(Bytes.room(10)).completion())).isSameAs(busy);
        device.heal();

        assertThat(read(Bytes.room(200))).isEqualTo(101);
    }

    @Test
    void aReadRefusedLateCanBeTriedAgain() {
        fixture.in(STOP_COPY);
        device.late = true;
        device.fail("ready late", busy);

        assertThat(fixture.failure(() -> machine.read(Bytes.room(10)).completion())).isSameAs(busy);
        device.heal();

        assertThat(read(Bytes.room(200))).isEqualTo(101);
    }

    @ParameterizedTest
    @ValueSource(strings = {"read on", "bug", "read too much"})
    void aReadThatLosesBytesBreaksTheStreamButNotTheDevice(String how) {
        fixture.in(PRE_COPY);
        device.longestRead = 3;
        device.fail(how.equals("bug") ? "read" : how, how.equals("read on") ? busy : bug());

        assertThat(fixture.failure(() -> machine.read(Bytes.room(10)).completion())).isNotNull();
        device.heal();

        assertThatExceptionOfType(RequestRejectedException.class)
                .isThrownBy(() -> machine.read(Bytes.room(10)))
                .withMessage("stream: bytes were lost (expected: the saving state entered anew)")
                .extracting(RequestRejectedException::errno)
                .isEqualTo(Errno.EIO);
        assertThat(machine.state()).isEqualTo(PRE_COPY);
        machine.change(RUNNING);
        machine.change(PRE_COPY);
        assertThat(read(Bytes.room(10))).isEqualTo(10);
    }

    @Test
    void aReadThatOutlivesItsClientTouchesNothing() {
        fixture.in(STOP_COPY);
        device.late = true;
        MemorySegment into = Bytes.room(10);
        StateRead read = machine.read(into);
        device.late = false;
        machine.release(device::reset);

        assertThat(fixture.failure(read::completion))
                .hasMessage("stream: closed (expected: open until the read is done)");
        assertThat(read.count()).isZero();
        assertThat(into.mismatch(Bytes.room(10))).isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource({"1, false", "7, false", "101, false", "7, true"})
    void loadsWhatIsWrittenInPiecesOfAnySize(int size, boolean late) {
        fixture.in(RESUMING);
        device.late = late;
        MemorySegment stream = MemorySegment.ofArray(device.state);

        for (int at = 0; at < 101; at += size) {
            MemorySegment piece = stream.asSlice(at, Math.min(size, 101 - at));
            fixture.complete(() -> machine.write(piece));
        }
        fixture.complete(() -> machine.change(RUNNING));

        assertThat(device.loaded.toByteArray()).isEqualTo(device.state);
        assertThat(machine.state()).isEqualTo(RUNNING);
    }

    @Test
    void aRefusedWriteCanBeTriedAgain() {
        fixture.in(RESUMING);
        device.fail("write", busy);
        assertThat(fixture.failure(() -> machine.write(Bytes.of(1, 2)))).isSameAs(busy);
        device.heal();

        machine.write(Bytes.of(1, 2));
        machine.change(STOP);

        assertThat(device.loaded.toByteArray()).containsExactly(1, 2);
    }

    @Test
    void aWriteThatLosesBytesLeavesOnlyTheReset() {
        fixture.in(RESUMING);
        device.fail("write", bug());
        assertThat(fixture.failure(() -> machine.write(Bytes.of(1)))).hasMessage("bug");
        device.heal();

        for (MachineFixture.Request request :
                Arrays.<MachineFixture.Request>asList(
                        () -> machine.write(Bytes.of(1)), () -> machine.change(STOP))) {
            assertThatExceptionOfType(RequestRejectedException.class)
                    .isThrownBy(request::run)
                    .withMessage("stream: a write was lost (expected: the device reset)");
            assertThat(machine.state()).isEqualTo(RESUMING);
        }
        machine.reset(device::reset);
        assertThat(machine.state()).isEqualTo(RUNNING);
    }

    @Test
    void stateThatIsRefusedCanBeCompletedOrReset() {
        fixture.in(RESUMING);
        device.fail("finish", new DeviceException(Errno.EINVAL, "too short"));
        assertThat(fixture.failure(() -> machine.change(RUNNING))).hasMessage("too short");
        assertThat(machine.state()).isEqualTo(RESUMING);
        device.heal();

        machine.write(Bytes.of(9));
        machine.change(RUNNING);

        assertThat(machine.state()).isEqualTo(RUNNING);
        assertThat(device.takeCalls()).containsExactly("finish", "finish", "start");
    }

    private int read(MemorySegment into) {
        StateRead read = machine.read(into);
        fixture.complete(read::completion);
        return read.count();
    }

    private static IllegalStateException bug() {
        return new IllegalStateException("bug");
    }
}
