package io.vfiouser.trace.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vfiouser.trace.replay.RecordedStep.Access;
import io.vfiouser.trace.replay.RecordedStep.Place;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Which recorded access an access is matched with.
class ReplayScriptTest {
    private static final Place STATUS = new Place(0, 0, 1);
    private static final Place COMMAND = new Place(0, 4, 1);
    private static final Place QUEUE = new Place(0, 8, 1);

    private final List<RecordedStep> steps = new ArrayList<>();

    private void read(Place place, int value) {
        steps.add(access(false, place, value));
    }

    private void write(Place place, int value) {
        steps.add(access(true, place, value));
    }

    private Access access(boolean write, Place place, int value) {
        return new Access(
                steps.size() + 1, Instant.EPOCH, write, place, bytes(value), Optional.empty());
    }

    private static ByteBuf bytes(int value) {
        return Unpooled.wrappedBuffer(new byte[] {(byte) value});
    }

    private ReplayScript script() {
        return new ReplayScript(steps, _ -> false);
    }

    private static int answer(ReplayScript script, Place place) {
        ReplayScript.Match match = script.read(place);
        assertThat(match.departure()).isEmpty();
        return match.step().orElseThrow().data().getByte(0);
    }

    private static Optional<String> departure(ReplayScript script, Place place, int value) {
        return script.write(place, bytes(value)).departure();
    }

    @Test
    void readsAreAnsweredInOrderUpToTheNextWrite() {
        read(STATUS, 1);
        read(STATUS, 2);
        write(COMMAND, 9);
        read(STATUS, 3);
        ReplayScript script = script();
        assertThat(answer(script, STATUS)).isEqualTo(1);
        assertThat(answer(script, STATUS)).isEqualTo(2);
        assertThat(answer(script, STATUS)).as("polled once more").isEqualTo(2);
        assertThat(departure(script, COMMAND, 9)).isEmpty();
        assertThat(answer(script, STATUS)).isEqualTo(3);
        assertThat(answer(script, STATUS)).isEqualTo(3);
    }

    @Test
    void readsThatAreLeftOutAreSkipped() {
        read(STATUS, 1);
        read(STATUS, 2);
        write(COMMAND, 9);
        read(STATUS, 3);
        ReplayScript script = script();
        assertThat(departure(script, COMMAND, 9)).isEmpty();
        assertThat(answer(script, STATUS)).isEqualTo(3);
    }

    @Test
    void aReadBeforeItsTimeIsAnsweredWithWhatComesFirst() {
        write(COMMAND, 9);
        read(STATUS, 3);
        ReplayScript script = script();
        assertThat(answer(script, STATUS)).isEqualTo(3);
        assertThat(departure(script, COMMAND, 9)).isEmpty();
        assertThat(answer(script, STATUS)).as("it was not used up").isEqualTo(3);
    }

    @Test
    void writesToOtherPlacesMayComeInAnotherOrder() {
        write(COMMAND, 1);
        write(QUEUE, 2);
        read(STATUS, 3);
        ReplayScript script = script();
        assertThat(departure(script, QUEUE, 2)).isEmpty();
        assertThat(departure(script, COMMAND, 1)).isEmpty();
        assertThat(script.writesThatCame()).isEqualTo(script.writes()).isEqualTo(2);
        assertThat(script.frontier()).isEqualTo(3);
    }

    @Test
    void tellsAnotherValueAndGoesOnBehindIt() {
        write(COMMAND, 1);
        read(STATUS, 5);
        ReplayScript script = script();
        assertThat(departure(script, COMMAND, 7)).contains("recorded: 0x01");
        assertThat(answer(script, STATUS)).isEqualTo(5);
        assertThat(departure(script, COMMAND, 1)).contains("no further write to it recorded");
        assertThat(departure(script, STATUS, 1)).contains("no write to it recorded");
    }

    @Test
    void findsAWriteBehindThoseThatAreLeftOut() {
        write(QUEUE, 1);
        write(QUEUE, 2);
        write(QUEUE, 3);
        ReplayScript script = script();
        assertThat(departure(script, QUEUE, 3)).contains("2 recorded writes to it left out before");
        assertThat(script.frontier()).isEqualTo(3);
    }

    @Test
    void aRepeatedWriteDoesNotRunAhead() {
        write(COMMAND, 1);
        write(QUEUE, 0);
        read(STATUS, 1);
        write(COMMAND, 2);
        write(QUEUE, 0);
        read(STATUS, 2);
        ReplayScript script = script();
        assertThat(departure(script, COMMAND, 1)).isEmpty();
        assertThat(departure(script, QUEUE, 0)).isEmpty();
        assertThat(departure(script, QUEUE, 0)).as("once more").isEmpty();
        assertThat(answer(script, STATUS)).isEqualTo(1);
        assertThat(departure(script, COMMAND, 2)).isEmpty();
        assertThat(departure(script, QUEUE, 0)).isEmpty();
        assertThat(answer(script, STATUS)).isEqualTo(2);
        assertThat(script.writesThatCame()).isEqualTo(4);
    }

    @Test
    void aPartIsReadFromAWiderAnswer() {
        steps.add(
                new Access(
                        1,
                        Instant.EPOCH,
                        false,
                        new Place(0, 0, 4),
                        Unpooled.wrappedBuffer(new byte[] {1, 2, 3, 4}),
                        Optional.empty()));
        ReplayScript script = script();
        assertThat(script.read(new Place(0, 2, 1)).step().orElseThrow().data().readByte())
                .isEqualTo((byte) 3);
        assertThat(script.read(new Place(0, 3, 2)).departure()).contains("no read of it recorded");
    }

    @Test
    void aResetGoesBehindTheRecordedOne() {
        read(STATUS, 1);
        steps.add(new RecordedStep.Reset(2, Instant.EPOCH));
        read(STATUS, 2);
        write(COMMAND, 1);
        steps.add(new RecordedStep.Reset(5, Instant.EPOCH));
        read(STATUS, 3);
        ReplayScript script = script();
        script.reset();
        assertThat(answer(script, STATUS)).isEqualTo(2);
        script.reset();
        assertThat(answer(script, STATUS)).as("a write is to come first").isEqualTo(2);
    }
}
