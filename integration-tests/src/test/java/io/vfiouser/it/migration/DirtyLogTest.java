package io.vfiouser.it.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.os.Errno;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.MigrationState;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The dirty page log as a client sees it, over memory that both sides have mapped.
@ExtendWith(NoDescriptorLeaks.class)
class DirtyLogTest {
    private static final long PAGE = 4096;
    private static final long SIZE = 16 * PAGE;
    private static final long FIRST = 0x1_0000_0000L;
    private static final long SECOND = FIRST + SIZE + 4 * PAGE;
    private static final long BY_MESSAGE_ONLY = SECOND + SIZE;

    @Test
    void reportsEachWayOfWritingOnce(@TempDir Path directory) {
        run(
                directory,
                client -> {
                    client.migration().startLogging(PAGE);
                    write(client, ScribblingDevice.BY_COPY, FIRST + PAGE);
                    write(client, ScribblingDevice.BY_LEASE, FIRST + 3 * PAGE + 5);
                    write(client, ScribblingDevice.BY_KEPT_LEASE, FIRST + 5 * PAGE);
                    write(client, ScribblingDevice.BY_MESSAGE, FIRST + 7 * PAGE);

                    assertThat(dirty(client, FIRST, SIZE, PAGE)).containsExactly(1, 3, 5);
                    assertThat(dirty(client, FIRST, SIZE, PAGE)).isEmpty();

                    write(client, ScribblingDevice.BY_KEPT_LEASE, FIRST + 5 * PAGE);
                    assertThat(dirty(client, FIRST, SIZE, PAGE)).containsExactly(5);
                });
    }

    @Test
    void reportsOverRegionsHolesAndMemoryThatTheClientWritesItself(@TempDir Path directory) {
        run(
                directory,
                client -> {
                    client.migration().startLogging(PAGE);
                    write(client, ScribblingDevice.BY_COPY, FIRST + SIZE - 1);
                    write(client, ScribblingDevice.BY_COPY, SECOND);
                    write(client, ScribblingDevice.BY_COPY, BY_MESSAGE_ONLY);

                    long length = BY_MESSAGE_ONLY + SIZE - FIRST;
                    assertThat(dirty(client, FIRST, length, 2 * PAGE)).containsExactly(7, 10);
                    refused(Errno.ENOENT, () -> dirty(client, 0, PAGE, PAGE));
                });
    }

    @Test
    void aKeptLeaseIsClosedBeforeTheDeviceCountsAsStopped(@TempDir Path directory) {
        run(
                directory,
                client -> {
                    client.migration().startLogging(PAGE);
                    write(client, ScribblingDevice.BY_KEPT_LEASE, FIRST);
                    assertThat(dirty(client, FIRST, SIZE, PAGE)).containsExactly(0);

                    client.migration().changeState(MigrationState.STOP);

                    assertThat(dirty(client, FIRST, SIZE, PAGE)).containsExactly(0);
                    assertThat(dirty(client, FIRST, SIZE, PAGE)).isEmpty();
                });
    }

    @Test
    void reportsWhatWentThroughTheFile(@TempDir Path directory) {
        long iova = BY_MESSAGE_ONLY + SIZE;
        int access = DmaFlags.READ | DmaFlags.WRITE | DmaFlags.FILE_IO;
        try (var file = SharedMemory.create("file", SIZE)) {
            run(
                    directory,
                    client -> {
                        client.dmaMap(iova, file, 0, SIZE, new DmaFlags(access));
                        client.migration().startLogging(PAGE);
                        write(client, ScribblingDevice.BY_COPY, iova + 6 * PAGE);

                        assertThat(dirty(client, iova, SIZE, PAGE)).containsExactly(6);
                        assertThat(dirty(client, iova, SIZE, PAGE)).isEmpty();
                    });
        }
    }

    /// 16,384 pages of the client to 1,024 of the log, and the other way round.
    @Test
    void reportsWideBitmapsInFinerAndCoarserPages(@TempDir Path directory) {
        long large = 1L << 26;
        long iova = 1L << 40;
        try (var memory = SharedMemory.create("large", large)) {
            run(
                    directory,
                    client -> {
                        client.dmaMap(iova, memory, 0, large, DmaFlags.READ_WRITE);
                        client.migration().startLogging(16 * PAGE);
                        write(client, ScribblingDevice.BY_COPY, iova + 16 * 300 * PAGE + 5);
                        write(client, ScribblingDevice.BY_LEASE, iova + large - 1);
                        List<Integer> fine = new ArrayList<>();
                        IntStream.range(16 * 300, 16 * 301).forEach(fine::add);
                        IntStream.range(16 * 1023, 16 * 1024).forEach(fine::add);
                        assertThat(dirty(client, iova, large, PAGE)).isEqualTo(fine);
                        client.migration().stopLogging();

                        client.migration().startLogging(PAGE);
                        write(client, ScribblingDevice.BY_COPY, iova + (16 * 300 + 7) * PAGE);
                        write(client, ScribblingDevice.BY_COPY, iova + (16 * 300 + 9) * PAGE);
                        write(client, ScribblingDevice.BY_LEASE, iova + large - 1);
                        assertThat(dirty(client, iova, large, 16 * PAGE))
                                .containsExactly(300, 1023);
                        assertThat(dirty(client, iova, large, 16 * PAGE)).isEmpty();
                    });
        }
    }

    @Test
    void anUnmapReturnsTheLastDirtyPages(@TempDir Path directory) {
        run(
                directory,
                client -> {
                    refused(Errno.EINVAL, () -> client.dmaUnmapWithDirtyPages(FIRST, SIZE, PAGE));
                    client.migration().startLogging(PAGE);
                    write(client, ScribblingDevice.BY_LEASE, FIRST + 9 * PAGE);
                    write(client, ScribblingDevice.BY_KEPT_LEASE, FIRST + 2 * PAGE);

                    assertThat(client.dmaUnmapWithDirtyPages(FIRST, SIZE, PAGE).stream())
                            .containsExactly(2, 9);
                    refused(Errno.ENOENT, () -> client.dmaUnmapWithDirtyPages(FIRST, SIZE, PAGE));
                });
    }

    @Test
    void stopsAndStartsAfresh(@TempDir Path directory) {
        run(
                directory,
                client -> {
                    client.migration().stopLogging();
                    client.migration().startLogging(PAGE);
                    write(client, ScribblingDevice.BY_COPY, FIRST);
                    client.migration().stopLogging();

                    refused(Errno.EINVAL, () -> dirty(client, FIRST, SIZE, PAGE));
                    client.migration().startLogging(8 * PAGE);
                    assertThat(dirty(client, FIRST, SIZE, PAGE)).isEmpty();
                    write(client, ScribblingDevice.BY_COPY, FIRST + 8 * PAGE);
                    assertThat(dirty(client, FIRST, SIZE, 4 * PAGE)).containsExactly(2, 3);
                });
    }

    private interface Steps {
        void with(VfioUserClient client);
    }

    private static void run(Path directory, Steps steps) {
        Path socket = directory.resolve("s");
        try (var memory = SharedMemory.create("guest", 2 * SIZE);
                var server = VfioUserServer.start(ServerOptions.defaults())) {
            server.serve("scribbler", new ScribblingDevice(), socket);
            MemorySegment own = MemorySegment.ofArray(new byte[(int) SIZE]);
            try (var client = VfioUserClient.connect(socket)) {
                client.dmaMap(FIRST, memory, 0, SIZE, DmaFlags.READ_WRITE);
                client.dmaMap(SECOND, memory, SIZE, SIZE, DmaFlags.READ_WRITE);
                client.dmaMapWithoutDescriptor(BY_MESSAGE_ONLY, own, DmaFlags.READ_WRITE);
                steps.with(client);
            }
        }
    }

    private static void write(VfioUserClient client, long way, long iova) {
        client.write(0, way, 8, iova);
    }

    private static List<Integer> dirty(
            VfioUserClient client, long iova, long length, long pageSize) {
        return client.migration().dirtyPages(iova, length, pageSize).stream().boxed().toList();
    }

    private static void refused(Errno errno, ThrowingCallable call) {
        assertThatExceptionOfType(RemoteErrorException.class)
                .isThrownBy(call)
                .extracting(RemoteErrorException::errno)
                .isEqualTo(errno);
    }
}
