package io.vfiouser.device.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentStateTest {
    private final List<String> events = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 100})
    void readsOneSegmentAfterTheOtherInPiecesOfAnySize(int piece) {
        StateSource source = StateSource.of(bytes(1, 2, 3), bytes(), bytes(4, 5, 6, 7));

        assertThat(drain(source, piece)).containsExactly(1, 2, 3, 4, 5, 6, 7);
        assertThat(source.read(bytes(0))).isZero();
    }

    @Test
    void readsWhatTheSegmentHoldsAtThatTime() {
        var live = bytes(1, 2);
        StateSource source = StateSource.of(live);
        live.fill((byte) 9);

        assertThat(drain(source, 2)).containsExactly(9, 9);
    }

    @Test
    void tellsHowMuchIsLeft() {
        StateSource source = StateSource.of(bytes(1, 2, 3), bytes(4));

        assertThat(source.remaining()).isEqualTo(4);
        source.read(bytes(0, 0));
        assertThat(source.remaining()).isEqualTo(2);
        source.read(bytes(0, 0, 0));
        assertThat(source.remaining()).isZero();
    }

    @Test
    void givesNothingAfterClose() {
        StateSource source = StateSource.of(bytes(1, 2, 3));
        source.read(bytes(0));
        source.close();

        assertThat(source.read(bytes(0))).isZero();
        assertThat(source.remaining()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void fillsOneSegmentAfterTheOtherFromPiecesOfAnySize(int piece) {
        var first = bytes(0, 0, 0);
        var second = bytes(0, 0, 0, 0);
        StateSink sink = StateSink.into(() -> events.add("loaded"), first, bytes(), second);

        MemorySegment stream = bytes(1, 2, 3, 4, 5, 6, 7);
        for (int at = 0; at < 7; at += piece) {
            sink.write(stream.asSlice(at, Math.min(piece, 7 - at)));
        }

        assertThat(events).isEmpty();
        assertThat(sink.finish()).isEqualTo(Completion.DONE);
        assertThat(events).containsExactly("loaded");
        assertThat(array(first)).containsExactly(1, 2, 3);
        assertThat(array(second)).containsExactly(4, 5, 6, 7);
    }

    @Test
    void refusesAStreamThatIsTooLongAndKeepsWhatItHas() {
        var part = bytes(0, 0, 0);
        StateSink sink = StateSink.into(() -> events.add("loaded"), part);
        sink.write(bytes(1, 2));

        refused("state: 4 bytes (expected: exactly 3)", () -> sink.write(bytes(8, 9)));
        sink.write(bytes(3));
        sink.finish();

        assertThat(array(part)).containsExactly(1, 2, 3);
        assertThat(events).containsExactly("loaded");
    }

    @Test
    void refusesAStreamThatIsTooShortUntilTheRestCame() {
        StateSink sink = StateSink.into(() -> events.add("loaded"), bytes(0, 0, 0));
        sink.write(bytes(1, 2));

        refused("state: 2 bytes (expected: exactly 3)", sink::finish);
        assertThat(events).isEmpty();
        sink.write(bytes(3));
        sink.finish();

        assertThat(events).containsExactly("loaded");
    }

    private static void refused(String message, Runnable action) {
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(action::run)
                .withMessage(message)
                .extracting(DeviceException::errno)
                .isEqualTo(Errno.EINVAL);
    }

    private static byte[] drain(StateSource source, int piece) {
        var all = new ByteArrayOutputStream();
        byte[] buffer = new byte[piece];
        int count = source.read(MemorySegment.ofArray(buffer));
        while (count > 0) {
            all.write(buffer, 0, count);
            count = source.read(MemorySegment.ofArray(buffer));
        }
        return all.toByteArray();
    }

    private static MemorySegment bytes(int... values) {
        byte[] array = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            array[i] = (byte) values[i];
        }
        return MemorySegment.ofArray(array);
    }

    private static byte[] array(MemorySegment segment) {
        return segment.toArray(ValueLayout.JAVA_BYTE);
    }
}
