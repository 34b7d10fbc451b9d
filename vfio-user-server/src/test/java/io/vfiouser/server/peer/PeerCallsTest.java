package io.vfiouser.server.peer;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/// DMA_READ and DMA_WRITE byte by byte: dialects, pieces, and clients that answer otherwise.
final class PeerCallsTest {
    private static final long IOVA = 0x10_0000;
    private static final PeerTraits WIDE = new PeerTraits(1 << 20, 1 << 20, false);
    private static final PeerTraits UNKNOWN = new PeerTraits(1 << 20, 1 << 20, true);

    /// A DMA_WRITE of no bytes, id 1.
    private static final String PROBE =
            "01 00 0c 00 20 00 00 00 00 00 00 00 00 00 00 00"
                    + "00 00 10 00 00 00 00 00 00 00 00 00 00 00 00 00";

    private static final String NARROW_ANSWER = "01 00 0c 00 10 00 00 00 01 00 00 00 00 00 00 00";
    private static final String WIDE_ANSWER =
            PROBE.replace("20 00 00 00 00 00 00 00", "20 00 00 00 01 00 00 00");
    private static final String REFUSAL = "01 00 0c 00 10 00 00 00 21 00 00 00 16 00 00 00";

    @Test
    void asksAWideClientWithoutAProbe() {
        var peer = new ScriptedPeer(WIDE);
        MemorySegment into = buffer("........");
        Completion reading = peer.calls().read(IOVA, into);
        peer.expect(
                "01 00 0b 00 20 00 00 00 00 00 00 00 00 00 00 00"
                        + "00 00 10 00 00 00 00 00 08 00 00 00 00 00 00 00");
        peer.answer(
                "01 00 0b 00 28 00 00 00 01 00 00 00 00 00 00 00"
                        + "00 00 10 00 00 00 00 00 08 00 00 00 00 00 00 00"
                        + "41 42 43 44 45 46 47 48");
        assertDone(reading);
        assertThat(text(into)).isEqualTo("ABCDEFGH");
        Completion writing = peer.calls().write(IOVA, buffer("abc"));
        peer.expect(
                "02 00 0c 00 23 00 00 00 00 00 00 00 00 00 00 00"
                        + "00 00 10 00 00 00 00 00 03 00 00 00 00 00 00 00 61 62 63");
        peer.answer(
                "02 00 0c 00 20 00 00 00 01 00 00 00 00 00 00 00"
                        + "00 00 10 00 00 00 00 00 03 00 00 00 00 00 00 00");
        assertDone(writing);
    }

    @Test
    void writesInTheNarrowDialect() {
        var peer = new ScriptedPeer(UNKNOWN);
        Completion writing = peer.calls().write(IOVA, buffer("abc"));
        peer.expect(PROBE);
        peer.expectNothing();
        peer.answer(NARROW_ANSWER);
        peer.expect(
                "02 00 0c 00 23 00 00 00 00 00 00 00 00 00 00 00"
                        + "00 00 10 00 00 00 00 00 03 00 00 00 61 62 63 00 00 00 00");
        peer.answer("02 00 0c 00 10 00 00 00 01 00 00 00 00 00 00 00");
        assertDone(writing);
    }

    @Test
    void readsInTheNarrowDialectAlsoWhatBeginsWithZeros() {
        var peer = new ScriptedPeer(UNKNOWN);
        MemorySegment into = buffer("........");
        Completion reading = peer.calls().read(IOVA, into);
        peer.expect(PROBE);
        peer.answer(NARROW_ANSWER);
        peer.expect(
                "02 00 0b 00 20 00 00 00 00 00 00 00 00 00 00 00"
                        + "00 00 10 00 00 00 00 00 08 00 00 00 00 00 00 00");
        peer.answer(
                "02 00 0b 00 28 00 00 00 01 00 00 00 00 00 00 00"
                        + "00 00 10 00 00 00 00 00 08 00 00 00"
                        + "00 00 00 00 45 46 47 48 00 00 00 00");
        assertDone(reading);
        assertThat(text(into)).isEqualTo("\0\0\0\0EFGH");
    }

    @Test
    void findsTheWideDialectByTheProbeToo() {
        for (String answer : new String[] {WIDE_ANSWER, REFUSAL}) {
            var peer = new ScriptedPeer(UNKNOWN);
            Completion writing = peer.calls().write(IOVA, buffer("abc"));
            peer.expect(PROBE);
            peer.answer(answer);
            peer.expect(
                    "02 00 0c 00 23 00 00 00 00 00 00 00 00 00 00 00"
                            + "00 00 10 00 00 00 00 00 03 00 00 00 00 00 00 00 61 62 63");
            peer.answer("02 00 0c 00 10 00 00 00 01 00 00 00 00 00 00 00");
            assertDone(writing);
        }
    }

    @Test
    void probesOnceForAllThatWait() {
        var peer = new ScriptedPeer(UNKNOWN);
        Completion first = peer.calls().write(IOVA, buffer("a"));
        Completion second = peer.calls().read(IOVA, buffer("."));
        peer.expect(PROBE);
        peer.expectNothing();
        peer.answer(NARROW_ANSWER);
        peer.expect(
                "02 00 0c 00 21 00 00 00 00 00 00 00 00 00 00 00"
                        + "00 00 10 00 00 00 00 00 01 00 00 00 61 00 00 00 00");
        peer.expect(
                "03 00 0b 00 20 00 00 00 00 00 00 00 00 00 00 00"
                        + "00 00 10 00 00 00 00 00 01 00 00 00 00 00 00 00");
        peer.answer("02 00 0c 00 10 00 00 00 01 00 00 00 00 00 00 00");
        peer.answer(
                "03 00 0b 00 21 00 00 00 01 00 00 00 00 00 00 00"
                        + "00 00 10 00 00 00 00 00 01 00 00 00 41 00 00 00 00");
        assertDone(first);
        assertDone(second);
        peer.calls().read(IOVA, buffer("."));
        peer.expect(
                "04 00 0b 00 20 00 00 00 00 00 00 00 00 00 00 00"
                        + "00 00 10 00 00 00 00 00 01 00 00 00 00 00 00 00");
    }

    @Test
    void failsAllThatWaitForAProbeWithoutAnAnswerAndProbesAgain() {
        var peer = new ScriptedPeer(UNKNOWN);
        Completion first = peer.calls().write(IOVA, buffer("a"));
        Completion second = peer.calls().write(IOVA, buffer("b"));
        peer.expect(PROBE);
        peer.pass(ScriptedPeer.TIMEOUT.plus(Duration.ofMillis(1)));
        assertFailed(first, Errno.ETIMEDOUT);
        assertFailed(second, Errno.ETIMEDOUT);
        peer.calls().write(IOVA, buffer("c"));
        peer.expect(PROBE.replaceFirst("01", "02"));
    }

    @Test
    void failsWhatWaitsWhenTheClientGoes() {
        var peer = new ScriptedPeer(UNKNOWN);
        Completion waiting = peer.calls().write(IOVA, buffer("a"));
        peer.expect(PROBE);
        peer.calls().close();
        assertFailed(waiting, Errno.ENOTCONN);
        assertFailed(peer.calls().read(IOVA, buffer(".")), Errno.ENOTCONN);
        peer.expectNothing();
    }

    @Test
    void learnsTheNarrowDialectFromDataInTheCount() {
        var peer = new ScriptedPeer(WIDE);
        MemorySegment into = buffer("........");
        Completion reading = peer.calls().read(IOVA, into);
        peer.expect(
                "01 00 0b 00 20 00 00 00 00 00 00 00 00 00 00 00"
                        + "00 00 10 00 00 00 00 00 08 00 00 00 00 00 00 00");
        peer.answer(
                "01 00 0b 00 28 00 00 00 01 00 00 00 00 00 00 00"
                        + "00 00 10 00 00 00 00 00 08 00 00 00"
                        + "41 42 43 44 45 46 47 48 00 00 00 00");
        assertDone(reading);
        assertThat(text(into)).isEqualTo("ABCDEFGH");
        peer.calls().write(IOVA, buffer("abc"));
        peer.expect(
                "02 00 0c 00 23 00 00 00 00 00 00 00 00 00 00 00"
                        + "00 00 10 00 00 00 00 00 03 00 00 00 61 62 63 00 00 00 00");
    }

    @Test
    void refusesAHugeCountWhereTheDialectIsKnown() {
        var peer = new ScriptedPeer(UNKNOWN);
        Completion reading = peer.calls().read(IOVA, buffer("........"));
        peer.expect(PROBE);
        peer.answer(WIDE_ANSWER);
        peer.answer(
                "02 00 0b 00 28 00 00 00 01 00 00 00 00 00 00 00"
                        + "00 00 10 00 00 00 00 00 08 00 00 00 01 00 00 00"
                        + "41 42 43 44 45 46 47 48");
        assertFailed(reading, Errno.EIO);
    }

    @Test
    void cutsReadsAndWritesToTheirOwnLimits() {
        var peer = new ScriptedPeer(new PeerTraits(2, 3, false));
        MemorySegment into = buffer("...");
        Completion reading = peer.calls().read(IOVA, into);
        peer.expect(
                "01 00 0b 00 20 00 00 00 00 00 00 00 00 00 00 00"
                        + "00 00 10 00 00 00 00 00 02 00 00 00 00 00 00 00");
        peer.answer(
                "01 00 0b 00 22 00 00 00 01 00 00 00 00 00 00 00"
                        + "00 00 10 00 00 00 00 00 02 00 00 00 00 00 00 00 41 42");
        peer.expect(
                "02 00 0b 00 20 00 00 00 00 00 00 00 00 00 00 00"
                        + "02 00 10 00 00 00 00 00 01 00 00 00 00 00 00 00");
        peer.answer(
                "02 00 0b 00 21 00 00 00 01 00 00 00 00 00 00 00"
                        + "02 00 10 00 00 00 00 00 01 00 00 00 00 00 00 00 43");
        assertDone(reading);
        assertThat(text(into)).isEqualTo("ABC");
        Completion writing = peer.calls().write(IOVA, buffer("abcd"));
        peer.expect(
                "03 00 0c 00 23 00 00 00 00 00 00 00 00 00 00 00"
                        + "00 00 10 00 00 00 00 00 03 00 00 00 00 00 00 00 61 62 63");
        peer.answer("03 00 0c 00 10 00 00 00 01 00 00 00 00 00 00 00");
        peer.expect(
                "04 00 0c 00 21 00 00 00 00 00 00 00 00 00 00 00"
                        + "03 00 10 00 00 00 00 00 01 00 00 00 00 00 00 00 64");
        peer.answer("04 00 0c 00 10 00 00 00 01 00 00 00 00 00 00 00");
        assertDone(writing);
    }

    @Test
    void goesOnWhereAShortAnswerEnds() {
        var peer = new ScriptedPeer(WIDE);
        Completion writing = peer.calls().write(IOVA, buffer("abcd"));
        peer.expect(
                "01 00 0c 00 24 00 00 00 00 00 00 00 00 00 00 00"
                        + "00 00 10 00 00 00 00 00 04 00 00 00 00 00 00 00 61 62 63 64");
        peer.answer(
                "01 00 0c 00 1c 00 00 00 01 00 00 00 00 00 00 00"
                        + "00 00 10 00 00 00 00 00 03 00 00 00");
        peer.expect(
                "02 00 0c 00 21 00 00 00 00 00 00 00 00 00 00 00"
                        + "03 00 10 00 00 00 00 00 01 00 00 00 00 00 00 00 64");
        peer.answer(
                "02 00 0c 00 20 00 00 00 01 00 00 00 00 00 00 00"
                        + "03 00 10 00 00 00 00 00 01 00 00 00 00 00 00 00");
        assertDone(writing);
    }

    @Test
    void passesTheClientsErrnoOn() {
        var peer = new ScriptedPeer(WIDE);
        Completion reading = peer.calls().read(IOVA, buffer("."));
        peer.answer("01 00 0b 00 10 00 00 00 21 00 00 00 13 00 00 00");
        assertFailed(reading, Errno.ENODEV);
        peer.answer("01 00 0b 00 10 00 00 00 21 00 00 00 13 00 00 00");
        assertThat(peer.calls().strayReplies()).isOne();
    }

    @Test
    void refusesAnswersToSomethingElse() {
        String[] answers = {
            // of DMA_WRITE
            "01 00 0c 00 10 00 00 00 01 00 00 00 00 00 00 00",
            // without data
            "01 00 0b 00 10 00 00 00 01 00 00 00 00 00 00 00",
            // of another address
            "01 00 0b 00 21 00 00 00 01 00 00 00 00 00 00 00"
                    + "01 00 10 00 00 00 00 00 01 00 00 00 00 00 00 00 41",
            // with fewer bytes than it says
            "01 00 0b 00 20 00 00 00 01 00 00 00 00 00 00 00"
                    + "00 00 10 00 00 00 00 00 01 00 00 00 00 00 00 00",
            // with more bytes than were asked for
            "01 00 0b 00 22 00 00 00 01 00 00 00 00 00 00 00"
                    + "00 00 10 00 00 00 00 00 02 00 00 00 00 00 00 00 41 42",
            // with none
            "01 00 0b 00 21 00 00 00 01 00 00 00 00 00 00 00"
                    + "00 00 10 00 00 00 00 00 00 00 00 00 00 00 00 00 41",
        };
        for (String answer : answers) {
            var peer = new ScriptedPeer(WIDE);
            Completion reading = peer.calls().read(IOVA, buffer("."));
            peer.answer(answer);
            assertFailed(reading, Errno.EIO);
        }
    }

    @Test
    void failsWhenTheDevicesMemoryTakesNoData() {
        var peer = new ScriptedPeer(WIDE);
        MemorySegment readOnly = buffer(".").asReadOnly();
        Completion reading = peer.calls().read(IOVA, readOnly);
        peer.answer(
                "01 00 0b 00 21 00 00 00 01 00 00 00 00 00 00 00"
                        + "00 00 10 00 00 00 00 00 01 00 00 00 00 00 00 00 41");
        assertThat(reading.stage()).isCompletedExceptionally();
    }

    @Test
    void failsWhenTheDevicesMemoryGivesNoData() {
        var peer = new ScriptedPeer(UNKNOWN);
        var notBytes = MemorySegment.ofArray(new long[1]);
        Completion first = peer.calls().write(IOVA, notBytes);
        Completion second = peer.calls().write(IOVA, buffer("a"));
        peer.expect(PROBE);
        peer.answer(NARROW_ANSWER);
        assertThat(first.stage()).isCompletedExceptionally();
        peer.answer("02 00 0c 00 10 00 00 00 01 00 00 00 00 00 00 00");
        peer.answer("03 00 0c 00 10 00 00 00 01 00 00 00 00 00 00 00");
        assertDone(second);
        peer.expectNoBufferHeld();
    }

    @Test
    void refusesTooManyAtATime() {
        var peer = new ScriptedPeer(UNKNOWN);
        for (int i = 0; i < 4095; i++) {
            peer.calls().read(IOVA, buffer("."));
        }
        assertThatThrownBy(() -> peer.calls().read(IOVA, buffer(".")))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("expected: below maxPeerCalls, 4096");
    }

    private static MemorySegment buffer(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String text(MemorySegment segment) {
        return new String(segment.toArray(JAVA_BYTE), StandardCharsets.US_ASCII);
    }

    private static void assertDone(Completion completion) {
        assertThat(completion.stage()).isCompleted();
    }

    private static void assertFailed(Completion completion, Errno errno) {
        assertThatThrownBy(completion.stage().toCompletableFuture()::join)
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        DeviceException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }
}
