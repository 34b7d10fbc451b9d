package io.vfiouser.server.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.buffer.ByteBufUtil;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.DmaUnmap;
import io.vfiouser.server.dma.DirtyLog;
import io.vfiouser.server.dma.DmaTable;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DmaCommandsTest {
    private static final long BASE = 0x10_0000;
    private static final long SIZE = 0x4000;

    private final DirtyLog log = new DirtyLog(64);
    private final DmaTable table = new DmaTable(100, 1L << 40, log);
    private final RecordingCalls calls = new RecordingCalls();
    private final DmaCommands dma = new DmaCommands(table, log, calls);

    @BeforeEach
    void map() {
        dma.map(new DmaMap(DmaFlags.READ_WRITE, 0, BASE, SIZE), FdBundle.empty());
        calls.calls.clear();
    }

    @AfterEach
    void close() {
        table.close();
    }

    @Test
    void returnsTheDirtyPagesOfWhatItUnmaps() {
        log.start(4096, List.of());
        log.written(table.region(BASE).orElseThrow(), BASE + 0x3000, 1);

        var reply = (DmaUnmap.Reply) ((Answer.Now) dma.unmap(withBitmap(48, 4096, 8))).reply();

        assertThat(ByteBufUtil.hexDump(reply.bitmap())).isEqualTo("0800000000000000");
        assertThat(reply.bitmapPageSize()).isEqualTo(4096);
        assertThat(table.size()).isZero();
        assertThat(calls.calls)
                .containsExactly("quiesce", "unmapped 0x100000+0x4000 rw not mapped", "resume");
    }

    @Test
    void returnsThePagesThatWereWrittenUntilTheDeviceWasQuiet() {
        log.start(4096, List.of());
        calls.late = true;
        var answer = (Answer.Later) dma.unmap(withBitmap(48, 0x4000, 8));

        log.written(table.region(BASE).orElseThrow(), BASE, 1);
        calls.quiet.complete(null);

        var reply = (DmaUnmap.Reply) answer.stage().toCompletableFuture().join();
        assertThat(ByteBufUtil.hexDump(reply.bitmap())).isEqualTo("0100000000000000");
    }

    @ParameterizedTest
    @CsvSource({
        "47, 4096, 8, argsz: 47 (expected: at least 48)",
        "48, 4096, 7, bitmap: 7 bytes (expected: 8)",
        "56, 4096, 16, bitmap: 16 bytes (expected: 8)",
        "48, 4096, -1, bitmap: 18446744073709551615 bytes (expected: 8)",
        "48, 0, 8, page_size: 0x0 (expected: a power of two)",
        "48, 24, 8, page_size: 0x18 (expected: a power of two)",
    })
    void refusesABitmapThatDoesNotFit(long argsz, long pageSize, long size, String message) {
        log.start(4096, List.of());

        refused(Errno.EINVAL, withBitmap(argsz, pageSize, size), message);
    }

    @Test
    void refusesABitmapAboveTheLimit() {
        log.start(4096, List.of());

        refused(
                Errno.EINVAL,
                withBitmap(2088, 1, 2048),
                "bitmap: 2048 bytes (expected: at most 64, by maxBitmapSize or max_bitmap_size)");
    }

    @Test
    void refusesABitmapWhileNothingIsLogged() {
        refused(
                Errno.EINVAL,
                withBitmap(48, 4096, 8),
                "dirty page log: off (expected: on, DMA_LOGGING_START)");
    }

    @Test
    void refusesABitmapOfMoreThanOneRegion() {
        log.start(4096, List.of());
        var request = new DmaUnmap(48, DmaUnmap.GET_BITMAP, BASE, 2 * SIZE, 4096, 8);

        refused(
                Errno.ENOENT,
                request,
                "address: 0x100000, size: 0x8000 (expected: exactly a mapped region)");
    }

    @Test
    void refusesABitmapOfEverything() {
        refused(
                Errno.EINVAL,
                new DmaUnmap(48, DmaUnmap.GET_BITMAP | DmaUnmap.ALL, 0, 0, 4096, 8),
                "flags: 0x3 (expected: 0, GET_BITMAP 0x1 or ALL 0x2)");
    }

    @Test
    void aDeviceThatIsNotQuietKeepsTheMemoryAndItsDirtyPages() {
        log.start(4096, List.of());
        log.written(table.region(BASE).orElseThrow(), BASE, 1);
        calls.late = true;
        var answer = (Answer.Later) dma.unmap(withBitmap(48, 4096, 8));

        calls.quiet.completeExceptionally(new DeviceException(Errno.EBUSY, "no"));

        assertThat(answer.stage().toCompletableFuture()).isCompletedExceptionally();
        assertThat(calls.calls).containsExactly("quiesce", "resume");
        calls.late = false;
        var reply = (DmaUnmap.Reply) ((Answer.Now) dma.unmap(withBitmap(48, 4096, 8))).reply();
        assertThat(ByteBufUtil.hexDump(reply.bitmap())).isEqualTo("0100000000000000");
    }

    @Test
    void takesManyRegionsAwayInTurns() {
        int regions = 90;
        for (int i = 1; i < regions; i++) {
            dma.map(new DmaMap(DmaFlags.READ_WRITE, 0, BASE + i * SIZE, SIZE), FdBundle.empty());
        }
        calls.calls.clear();

        var done = ((Answer.Later) dma.unmap(everything())).stage().toCompletableFuture();

        assertThat(table.region(BASE)).as("known to the device").isEmpty();
        int turns = 0;
        for (; calls.hasTasks(); turns++) {
            assertThat(done).isNotDone();
            assertThat(calls.calls).doesNotContain("resume");
            calls.runTasks();
        }
        assertThat(turns).isGreaterThan(3);
        assertThat(done).isCompleted();
        assertThat(done.join()).isEqualTo(DmaUnmap.Reply.to(everything()));
        assertThat(calls.calls).hasSize(regions + 2).startsWith("quiesce").endsWith("resume");
        assertThat(table.size()).isZero();
    }

    @Test
    void goesOnTakingRegionsAwayWhenTheClientHasGone() {
        for (int i = 1; i < 90; i++) {
            dma.map(new DmaMap(DmaFlags.READ_WRITE, 0, BASE + i * SIZE, SIZE), FdBundle.empty());
        }
        var done = ((Answer.Later) dma.unmap(everything())).stage().toCompletableFuture();
        calls.runTasks();

        table.close();
        while (calls.hasTasks()) {
            calls.runTasks();
        }

        assertThat(done).isCompleted();
        assertThat(table.isReleased()).isTrue();
    }

    private static DmaUnmap everything() {
        return new DmaUnmap(24, DmaUnmap.ALL, 0, 0, 0, 0);
    }

    private void refused(Errno errno, DmaUnmap request, String message) {
        assertThatExceptionOfType(RequestRejectedException.class)
                .isThrownBy(() -> dma.unmap(request))
                .withMessage(message)
                .extracting(RequestRejectedException::errno)
                .isEqualTo(errno);
        assertThat(table.size()).isEqualTo(1);
        assertThat(calls.calls).isEmpty();
    }

    private static DmaUnmap withBitmap(long argsz, long pageSize, long size) {
        return new DmaUnmap(argsz, DmaUnmap.GET_BITMAP, BASE, SIZE, pageSize, size);
    }
}
