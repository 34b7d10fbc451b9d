package io.vfiouser.server.migration;

import static io.vfiouser.protocol.MigrationState.ERROR;
import static io.vfiouser.protocol.MigrationState.PRE_COPY;
import static io.vfiouser.protocol.MigrationState.RESUMING;
import static io.vfiouser.protocol.MigrationState.RUNNING;
import static io.vfiouser.protocol.MigrationState.STOP;
import static io.vfiouser.protocol.MigrationState.STOP_COPY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.MigrationState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MigrationMachineTest {
    private static final List<MigrationState> USED =
            List.of(STOP, RUNNING, STOP_COPY, RESUMING, PRE_COPY);

    /// What each arc calls, in order; closing a stream cannot be refused.
    private static final Map<String, List<String>> CALLS =
            Map.of(
                    "RUNNING STOP", List.of("stop"),
                    "RUNNING PRE_COPY", List.of("save PRE_COPY"),
                    "PRE_COPY RUNNING", List.of("close PRE_COPY"),
                    "PRE_COPY STOP_COPY", List.of("stop", "save STOP_COPY", "close PRE_COPY"),
                    "STOP RUNNING", List.of("start"),
                    "STOP STOP_COPY", List.of("save STOP_COPY"),
                    "STOP_COPY STOP", List.of("close STOP_COPY"),
                    "STOP RESUMING", List.of("load"),
                    "RESUMING STOP", List.of("finish"));

    private final DeviceException busy = new DeviceException(Errno.EBUSY, "not now");

    private final MachineFixture fixture = new MachineFixture();
    private final MigrationMachine machine = fixture.machine;
    private final RecordingDevice device = fixture.device;

    @Test
    void startsRunning() {
        assertThat(machine.state()).isEqualTo(RUNNING);
        assertThat(machine.isStopped()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("changes")
    void callsTheDeviceOnceForEachArc(MigrationState from, MigrationState to) {
        fixture.in(from);

        assertThat(machine.change(to)).isEqualTo(Completion.DONE);

        assertThat(machine.state()).isEqualTo(to);
        assertThat(device.takeCalls()).isEqualTo(calls(from, to));
        assertThat(fixture.states).isEqualTo(MigrationPathTest.path(from, to));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void waitsForEachArcOnTheLoop(MigrationState from, MigrationState to) {
        fixture.in(from);
        device.late = true;

        fixture.complete(() -> machine.change(to));

        assertThat(machine.state()).isEqualTo(to);
        assertThat(device.takeCalls()).isEqualTo(calls(from, to));
    }

    @Test
    void staysWhereItIsUntilTheDeviceIsDone() {
        device.late = true;
        Completion change = machine.change(STOP);

        assertThat(machine.state()).isEqualTo(RUNNING);
        device.endNext();
        assertThat(machine.state()).as("state before the loop has run").isEqualTo(RUNNING);
        fixture.settle();

        assertThat(machine.state()).isEqualTo(STOP);
        assertThat(change.stage().toCompletableFuture()).isCompleted();
    }

    @ParameterizedTest
    @EnumSource(names = {"STOP", "RUNNING", "STOP_COPY", "RESUMING", "PRE_COPY"})
    void toStayIsSuccessWithoutACall(MigrationState state) {
        fixture.in(state);

        assertThat(machine.change(state)).isEqualTo(Completion.DONE);

        assertThat(device.calls).isEmpty();
        assertThat(fixture.states).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("refusedChanges")
    void refusesWhatNoPathLeadsTo(MigrationState from, MigrationState to) {
        fixture.in(from);

        assertThatExceptionOfType(RequestRejectedException.class)
                .isThrownBy(() -> machine.change(to))
                .withMessage(
                        "device_state: %s (expected: a state that can be reached from %s)"
                                .formatted(to, from))
                .extracting(RequestRejectedException::errno)
                .isEqualTo(Errno.EINVAL);

        assertThat(machine.state()).isEqualTo(from);
        assertThat(device.calls).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("refusableCalls")
    void aRefusedArcLeavesTheStateThatWasReached(
            MigrationState from,
            MigrationState to,
            String call,
            MigrationState last,
            boolean late) {
        fixture.in(from);
        device.fail(call, busy);
        device.late = late;

        assertThat(fixture.failure(() -> machine.change(to))).isSameAs(busy);
        assertThat(machine.state()).isEqualTo(last);

        device.heal();
        device.late = false;
        machine.change(to);
        assertThat(machine.state()).as("second try").isEqualTo(to);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDeviceThatCannotBeSavedRunsAgainAndKeepsItsFirstStream(boolean late) {
        fixture.in(PRE_COPY);
        device.fail("save STOP_COPY", busy);
        device.late = late;

        assertThat(fixture.failure(() -> machine.change(STOP_COPY))).isSameAs(busy);

        assertThat(machine.state()).isEqualTo(PRE_COPY);
        assertThat(device.takeCalls()).containsExactly("stop", "save STOP_COPY", "start");
        assertThat(machine.remaining()).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDeviceThatCannotGetBackIsInError(boolean late) {
        fixture.in(PRE_COPY);
        device.fail("save STOP_COPY", busy);
        device.fail("start", new DeviceException(Errno.EIO, "will not start"));
        device.late = late;

        assertThat(fixture.failure(() -> machine.change(STOP_COPY))).hasMessage("will not start");

        assertThat(machine.state()).isEqualTo(ERROR);
        assertThat(device.takeCalls())
                .containsExactly("stop", "save STOP_COPY", "start", "close PRE_COPY");
        assertThat(fixture.reports).containsExactly("start: will not start");
    }

    @ParameterizedTest
    @CsvSource({
        "RUNNING,  STOP,    stop,   false",
        "RUNNING,  STOP,    stop,   true",
        "STOP,     RUNNING, start,  false",
        "STOP,     RUNNING, start,  true",
        "RESUMING, STOP,    finish, false",
        "RESUMING, STOP,    finish, true",
    })
    void aDeviceInAConditionThatNobodyKnowsIsInError(
            MigrationState from, MigrationState to, String call, boolean late) {
        fixture.in(from);
        var bug = new IllegalStateException("bug");
        device.fail(call, bug);
        device.late = late;

        assertThat(fixture.failure(() -> machine.change(to))).isSameAs(bug);

        assertThat(machine.state()).isEqualTo(ERROR);
        assertThat(machine.isStopped()).isTrue();
        if (from == RESUMING) {
            assertThat(device.takeCalls()).containsExactly("finish", "abort");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "RUNNING, PRE_COPY,  save PRE_COPY",
        "STOP,    STOP_COPY, save STOP_COPY",
        "STOP,    RESUMING,  load",
    })
    void aStreamThatDoesNotOpenChangesNothing(MigrationState from, MigrationState to, String call) {
        fixture.in(from);
        device.fail(call, new IllegalStateException("bug"));

        assertThat(fixture.failure(() -> machine.change(to))).hasMessage("bug");

        assertThat(machine.state()).isEqualTo(from);
    }

    @ParameterizedTest
    @CsvSource({"PRE_COPY, RUNNING", "STOP_COPY, STOP", "PRE_COPY, STOP_COPY"})
    void aStreamThatDoesNotCloseChangesNothing(MigrationState from, MigrationState to) {
        fixture.in(from);
        device.fail("close " + from, new IllegalStateException("bug"));

        machine.change(to);

        assertThat(machine.state()).isEqualTo(to);
        assertThat(fixture.reports).containsExactly("StateSource.close: bug");
    }

    @ParameterizedTest
    @EnumSource(names = {"ERROR", "STOP", "STOP_COPY", "RESUMING"})
    void aResetLetsAStoppedDeviceRun(MigrationState from) {
        fixture.in(from);
        device.late = true;

        fixture.complete(() -> machine.reset(device::reset));

        assertThat(machine.state()).isEqualTo(RUNNING);
        assertThat(fixture.states).containsExactly(RUNNING);
        var calls = new ArrayList<>(List.of("reset", "start"));
        switch (from) {
            case STOP_COPY -> calls.addFirst("close STOP_COPY");
            case RESUMING -> calls.addFirst("abort");
            default -> {}
        }
        assertThat(device.takeCalls()).isEqualTo(calls);
    }

    @ParameterizedTest
    @EnumSource(names = {"RUNNING", "PRE_COPY"})
    void aResetOfARunningDeviceKeepsItsStateAndItsStream(MigrationState from) {
        fixture.in(from);

        fixture.complete(() -> machine.reset(device::reset));

        assertThat(machine.state()).isEqualTo(from);
        assertThat(device.takeCalls()).containsExactly("reset");
        if (from == PRE_COPY) {
            assertThat(machine.remaining()).isEqualTo(5);
        }
    }

    @Test
    void preCopyAfterAResetStartsTheStreamOver() {
        fixture.in(PRE_COPY);
        fixture.machine.read(Bytes.room(3));
        machine.reset(device::reset);
        assertThat(machine.remaining()).isEqualTo(2);
        device.takeCalls();

        machine.change(PRE_COPY);

        assertThat(machine.remaining()).isEqualTo(5);
        assertThat(device.takeCalls()).containsExactly("save PRE_COPY", "close PRE_COPY");
        machine.change(PRE_COPY);
        assertThat(device.calls).as("once").isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"STOP, false", "STOP, true", "ERROR, false", "RESUMING, true"})
    void aStoppedDeviceThatCannotBeResetIsInError(MigrationState from, boolean late) {
        fixture.in(from);
        device.fail("reset", busy);
        device.late = late;

        assertThat(fixture.failure(() -> machine.reset(device::reset))).isSameAs(busy);
        assertThat(machine.state()).isEqualTo(ERROR);

        device.heal();
        fixture.complete(() -> machine.reset(device::reset));
        assertThat(machine.state()).isEqualTo(RUNNING);
    }

    @Test
    void aDeviceThatDoesNotStartAfterItsResetIsInError() {
        fixture.in(STOP);
        device.fail("start", busy);

        assertThat(fixture.failure(() -> machine.reset(device::reset))).isSameAs(busy);

        assertThat(machine.state()).isEqualTo(ERROR);
    }

    @Test
    void aRunningDeviceThatCannotBeResetRuns() {
        device.fail("reset", busy);

        assertThat(fixture.failure(() -> machine.reset(device::reset))).isSameAs(busy);

        assertThat(machine.state()).isEqualTo(RUNNING);
    }

    @ParameterizedTest
    @EnumSource(names = {"ERROR", "STOP", "RUNNING", "STOP_COPY", "RESUMING", "PRE_COPY"})
    void theNextClientFindsTheDeviceRunning(MigrationState from) {
        fixture.in(from);
        device.late = true;

        fixture.complete(() -> machine.release(device::reset));

        assertThat(machine.state()).isEqualTo(RUNNING);
        var calls = new ArrayList<String>();
        switch (from) {
            case PRE_COPY, STOP_COPY -> calls.add("close " + from);
            case RESUMING -> calls.add("abort");
            default -> {}
        }
        calls.add("reset");
        if (from != RUNNING && from != PRE_COPY) {
            calls.add("start");
        }
        assertThat(device.takeCalls()).isEqualTo(calls);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theNextClientFindsTheDeviceRunningAlsoAfterAFailedReset(boolean late) {
        fixture.in(STOP_COPY);
        device.fail("reset", busy);
        device.late = late;

        fixture.complete(() -> machine.release(device::reset));

        assertThat(machine.state()).isEqualTo(RUNNING);
        assertThat(fixture.reports).containsExactly("reset: not now");
    }

    @ParameterizedTest
    @CsvSource({"RUNNING, STOP_COPY", "PRE_COPY, STOP_COPY", "STOP, PRE_COPY", "RESUMING, RUNNING"})
    void aChangeThatOutlivesItsClientLeadsNowhere(MigrationState from, MigrationState to) {
        fixture.in(from);
        device.late = true;
        Completion change = machine.change(to);
        device.late = false;

        machine.release(device::reset);

        assertThat(machine.state()).isEqualTo(RUNNING);
        assertThat(device.takeCalls()).endsWith("reset", "start");
        fixture.states.clear();
        fixture.settle();
        assertThat(change.stage().toCompletableFuture()).isCompletedExceptionally();
        assertThat(device.calls).as("late calls").isEmpty();
        assertThat(fixture.states).as("late changes").isEmpty();
        machine.change(STOP_COPY);
        assertThat(machine.state()).isEqualTo(STOP_COPY);
        assertThat(machine.remaining()).isEqualTo(5);
    }

    @Test
    void refusesPreCopyOfADeviceThatHasNone() {
        device.preCopy = false;

        assertThat(machine.hasPreCopy()).isFalse();
        for (MigrationState from : List.of(RUNNING, STOP, RESUMING)) {
            fixture.in(from);
            assertThatExceptionOfType(RequestRejectedException.class)
                    .isThrownBy(() -> machine.change(PRE_COPY))
                    .withMessage(
                            "device_state: PRE_COPY (expected: a device that can be saved as it"
                                    + " runs)");
            assertThat(machine.state()).isEqualTo(from);
        }
    }

    @Test
    void aDeviceThatCannotMigrateRunsAlways() {
        Device plain =
                new Device() {
                    @Override
                    public DeviceLayout layout() {
                        throw new UnsupportedOperationException();
                    }
                };
        var none = new MigrationMachine(plain, fixture::onLoop, fixture);

        assertThat(none.isSupported()).isFalse();
        assertThat(none.hasPreCopy()).isFalse();
        assertThat(none.state()).isEqualTo(RUNNING);
        assertThat(none.isStopped()).isFalse();
        for (Runnable request :
                List.<Runnable>of(
                        () -> none.change(RUNNING),
                        () -> none.change(STOP),
                        () -> none.read(Bytes.room(1)),
                        () -> none.write(Bytes.room(1)))) {
            assertThatExceptionOfType(RequestRejectedException.class)
                    .isThrownBy(request::run)
                    .withMessage("migration: none (expected: a device that can migrate)");
        }
        none.reset(device::reset);
        none.release(device::reset);
        assertThat(device.takeCalls()).containsExactly("reset", "reset");
    }

    static Stream<Arguments> changes() {
        return reachable().map(pair -> Arguments.of(pair.from, pair.to));
    }

    static Stream<Arguments> refusedChanges() {
        var from = new ArrayList<>(USED);
        from.add(ERROR);
        return pairs(from, List.of(MigrationState.values()))
                .filter(MigrationMachineTest::isRefused)
                .map(pair -> Arguments.of(pair.from, pair.to));
    }

    /// Every call of every path that a device may refuse, with the state that is reached by then.
    static Stream<Arguments> refusableCalls() {
        return reachable()
                .flatMap(pair -> {
                    var all = new ArrayList<Arguments>();
                    MigrationState last = pair.from;
                    for (MigrationState next : MigrationPathTest.path(last, pair.to)) {
                        for (String call : calls(last, next)) {
                            if (!call.startsWith("close")) {
                                all.add(Arguments.of(pair.from, pair.to, call, last, false));
                                all.add(Arguments.of(pair.from, pair.to, call, last, true));
                            }
                        }
                        last = next;
                    }
                    return all.stream();
                });
    }

    private static Stream<Pair> reachable() {
        return pairs(USED, USED)
                .filter(pair -> pair.from != pair.to)
                .filter(pair -> !isRefused(pair));
    }

    private static boolean isRefused(Pair pair) {
        boolean backward = pair.from == STOP_COPY && pair.to == PRE_COPY;
        return backward || pair.from == ERROR || !USED.contains(pair.to);
    }

    private static List<String> calls(MigrationState from, MigrationState to) {
        var all = new ArrayList<String>();
        MigrationState at = from;
        for (MigrationState next : MigrationPathTest.path(from, to)) {
            all.addAll(CALLS.get(at + " " + next));
            at = next;
        }
        return all;
    }

    private static Stream<Pair> pairs(List<MigrationState> from, List<MigrationState> to) {
        return from.stream().flatMap(one -> to.stream().map(other -> new Pair(one, other)));
    }

    private record Pair(MigrationState from, MigrationState to) {}
}
