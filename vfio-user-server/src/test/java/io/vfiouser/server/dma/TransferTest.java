package io.vfiouser.server.dma;

import static io.vfiouser.server.dma.Maps.FILE_IO;
import static io.vfiouser.server.dma.Maps.PAGE;
import static io.vfiouser.server.dma.Maps.RO;
import static io.vfiouser.server.dma.Maps.RW;
import static io.vfiouser.server.dma.Maps.assertRefused;
import static io.vfiouser.server.dma.Maps.map;
import static io.vfiouser.server.dma.Maps.mapMessages;
import static io.vfiouser.server.dma.Maps.table;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.server.dma.FakePeer.Asked;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoDescriptorLeaks.class)
class TransferTest {
    private final DmaTable table = table();
    private final FakePeer peer = FakePeer.answeringWhenTold();
    private final GuestMemoryView view = new GuestMemoryView(table, peer);
    private final SharedMemory memory = SharedMemory.create("guest", 4 * PAGE);

    @AfterEach
    void close() {
        table.close();
        memory.close();
    }

    @Test
    void messageReadCompletesWithItsAnswer() {
        mapMessages(table, 0x1000, PAGE, RO);
        byte[] bytes = new byte[3];
        Completion completion = view.read(0x1ffd, MemorySegment.ofArray(bytes));
        assertThat(isDone(completion)).isFalse();
        assertThat(table.regions()).allMatch(region -> region.users() == 1);
        peer.answer();
        assertThat(isDone(completion)).isTrue();
        assertThat(bytes).containsExactly(expected(0x1ffd, 3));
        assertThat(table.regions()).allMatch(region -> region.users() == 0);
    }

    @Test
    void goesThroughRegionsOfAllKindsInOrder() {
        memory.segment().asSlice(0, 2 * PAGE).fill((byte) 0x55);
        memory.segment().asSlice(2 * PAGE, 2 * PAGE).fill((byte) 0x66);
        mapMessages(table, 0x1000, PAGE, RW);
        map(table, memory, 0, 0x2000, PAGE, RW);
        mapMessages(table, 0x3000, PAGE, RW);
        map(table, memory, 2 * PAGE, 0x4000, PAGE, FILE_IO);
        byte[] bytes = new byte[(int) (2 * PAGE + 4)];
        Completion completion = view.read(0x1ffe, MemorySegment.ofArray(bytes));

        assertThat(peer.asked).containsExactly(new Asked(AccessMode.READ, 0x1ffe, 2));
        assertThat(bytes[2]).isZero();
        peer.answer();
        assertThat(bytes[2]).isEqualTo((byte) 0x55);
        assertThat(peer.asked.get(1)).isEqualTo(new Asked(AccessMode.READ, 0x3000, PAGE));
        assertThat(isDone(completion)).isFalse();
        peer.answer();
        assertThat(isDone(completion)).isTrue();
        assertThat(bytes).startsWith(expected(0x1ffe, 2)).endsWith(0x66, 0x66);
        assertThat(peer.asked).hasSize(2);
    }

    @Test
    void writesThroughRegionsOfAllKindsInOrder() {
        map(table, memory, 0, 0x1000, PAGE, RW);
        mapMessages(table, 0x2000, PAGE, RW);
        map(table, memory, PAGE, 0x3000, PAGE, FILE_IO);
        byte[] bytes = expected(0, (int) PAGE + 4);
        Completion completion = view.write(0x1ffe, MemorySegment.ofArray(bytes));
        assertThat(memory.segment().get(JAVA_BYTE, PAGE - 1)).isEqualTo(bytes[1]);
        assertThat(memory.segment().get(JAVA_BYTE, PAGE)).isZero();
        peer.answer();
        assertThat(isDone(completion)).isTrue();
        assertThat(peer.written.getFirst()).isEqualTo(expected(2, (int) PAGE));
        assertThat(memory.segment().get(JAVA_BYTE, PAGE + 1)).isEqualTo(bytes[(int) PAGE + 3]);
    }

    @Test
    void byMessageIgnoresTheMapping() {
        map(table, memory, 0, 0x1000, PAGE, RW);
        map(table, memory, PAGE, 0x2000, PAGE, RW);
        Completion completion = view.readByMessage(0x1ff0, MemorySegment.ofArray(new byte[32]));
        peer.answer();
        peer.answer();
        assertThat(isDone(completion)).isTrue();
        assertThat(peer.asked)
                .containsExactly(
                        new Asked(AccessMode.READ, 0x1ff0, 16),
                        new Asked(AccessMode.READ, 0x2000, 16));
        view.writeByMessage(0x1000, MemorySegment.ofArray(new byte[] {1, 2}));
        assertThat(peer.asked.getLast()).isEqualTo(new Asked(AccessMode.WRITE, 0x1000, 2));
        assertThat(memory.segment().get(JAVA_BYTE, 0)).isZero();
        peer.answer();
    }

    @Test
    void checksAllOfTheRangeBeforeItBegins() {
        mapMessages(table, 0x1000, PAGE, RW);
        mapMessages(table, 0x2000, PAGE, RO);
        assertRefused(
                Errno.EACCES, () -> view.write(0x1ff0, MemorySegment.ofArray(new byte[0x20])));
        assertRefused(
                Errno.ENOENT, () -> view.read(0x1ff0, MemorySegment.ofArray(new byte[0x1011])));
        assertThat(peer.asked).isEmpty();
    }

    @Test
    void errorOfTheClientEndsTheTransfer() {
        mapMessages(table, 0x1000, PAGE, RW);
        mapMessages(table, 0x2000, PAGE, RW);
        Completion completion = view.read(0x1ff0, MemorySegment.ofArray(new byte[0x20]));
        peer.fail(new DeviceException(Errno.ENODEV, "DMA_READ: ENODEV (expected: success)"));
        assertThat(completion.stage().toCompletableFuture())
                .failsWithin(Duration.ZERO)
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .isInstanceOfSatisfying(
                        DeviceException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
        assertThat(peer.asked).hasSize(1);
        assertThat(table.regions()).allMatch(region -> region.users() == 0);
    }

    @Test
    void regionUnmappedMeanwhileEndsTheTransfer() {
        mapMessages(table, 0x1000, PAGE, RW);
        mapMessages(table, 0x2000, PAGE, RW);
        Completion completion = view.read(0x1ff0, MemorySegment.ofArray(new byte[0x20]));
        Maps.unmap(table, 0x2000, PAGE);
        peer.answer();
        assertThat(errnoOf(completion)).isEqualTo(Errno.ENOENT);
    }

    @Test
    void sessionThatEndsMeanwhileEndsTheTransfer() {
        mapMessages(table, 0x1000, PAGE, RW);
        mapMessages(table, 0x2000, PAGE, RW);
        Completion completion = view.read(0x1ff0, MemorySegment.ofArray(new byte[0x20]));
        table.close();
        peer.answer();
        assertThat(errnoOf(completion)).isEqualTo(Errno.ENOTCONN);
    }

    @Test
    void unmapWaitsForTheMessageUnderWay() {
        mapMessages(table, 0x1000, PAGE, RW);
        var unused = new AtomicInteger();
        view.read(0x1000, MemorySegment.ofArray(new byte[8]));
        PendingUnmap unmap = table.beginUnmap(0x1000, PAGE);
        assertThat(unmap.users()).isEqualTo(1);
        unmap.whenUnused(unused::incrementAndGet);
        // What the device still has to finish is let through, and waited for.
        view.write(0x1000, MemorySegment.ofArray(new byte[8]));
        peer.answer();
        assertThat(unused).hasValue(0);
        peer.answer();
        assertThat(unused).hasValue(1);
        unmap.finish();
        assertThat(table.size()).isZero();
    }

    @Test
    void manyRegionsThatAnswerAtOnceDoNotNestCalls() {
        var prompt = new GuestMemoryView(table, FakePeer.answeringAtOnce());
        for (int i = 0; i < 50_000; i++) {
            mapMessages(table, i, 1, RW);
        }
        byte[] bytes = new byte[50_000];
        assertThat(prompt.read(0, MemorySegment.ofArray(bytes))).isEqualTo(Completion.DONE);
        assertThat(bytes).isEqualTo(expected(0, 50_000));
    }

    private static byte[] expected(long iova, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = FakePeer.byteAt(iova + i);
        }
        return bytes;
    }

    private static boolean isDone(Completion completion) {
        return completion.stage().toCompletableFuture().isDone();
    }

    private static Errno errnoOf(Completion completion) {
        CompletionStage<?> stage = completion.stage();
        var error = (DeviceException) stage.toCompletableFuture().exceptionNow();
        return error.errno();
    }
}
