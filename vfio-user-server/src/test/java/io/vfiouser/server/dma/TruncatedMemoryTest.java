package io.vfiouser.server.dma;

import static io.vfiouser.server.dma.Maps.FILE_IO;
import static io.vfiouser.server.dma.Maps.PAGE;
import static io.vfiouser.server.dma.Maps.RW;
import static io.vfiouser.server.dma.Maps.assertRefused;
import static io.vfiouser.server.dma.Maps.map;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FileIo;
import io.vfiouser.os.NativeMemory;
import io.vfiouser.os.Protection;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A client may cut the file behind its memory short at any time.
@ExtendWith(NoDescriptorLeaks.class)
class TruncatedMemoryTest {
    /// Enough for the JIT to compile a copy at its highest level.
    private static final int WARM_UP = 30_000;

    private final List<Long> dirty = new ArrayList<>();
    private final DmaTable table =
            new DmaTable(100, 1L << 30, (_, iova, length) -> dirty.add(iova + length));
    private final GuestMemoryView view = new GuestMemoryView(table, FakePeer.answeringAtOnce());

    @TempDir private Path directory;

    @AfterEach
    void close() {
        table.close();
    }

    @Test
    void copiesEndWithEfaultInterpretedAndCompiled() throws IOException {
        MemorySegment buffer = NativeMemory.allocate(64);
        try (FileChannel file = mapFile(0x1000, RW)) {
            file.truncate(0);
            for (int i = 0; i < WARM_UP; i++) {
                assertThat(errnoOfRead(buffer)).isEqualTo(14);
                assertThat(errnoOfWrite(buffer)).isEqualTo(14);
            }
            // Back to its size, the same mapping works again.
            file.write(ByteBuffer.allocate((int) (2 * PAGE)));
            for (int i = 0; i < WARM_UP; i++) {
                assertThat(view.read(0x1000, buffer)).isEqualTo(Completion.DONE);
                assertThat(view.write(0x1000, buffer)).isEqualTo(Completion.DONE);
            }
            file.truncate(PAGE);
            assertThat(view.read(0x1000, buffer)).isEqualTo(Completion.DONE);
            assertRefused(Errno.EFAULT, () -> view.read(0x1000 + PAGE, buffer));
            dirty.clear();
            assertRefused(Errno.EFAULT, () -> view.write(0x1000 + PAGE - 8, buffer));
            // The bytes before the cut are written, and known to be.
            assertThat(dirty).containsExactly(0x1000 + PAGE - 8 + 64);
        }
    }

    @Test
    void fileReadsEndWithEfault() throws IOException {
        try (FileChannel file = mapFile(0x1000, FILE_IO)) {
            file.truncate(PAGE);
            MemorySegment buffer = MemorySegment.ofArray(new byte[16]);
            assertThat(view.read(0x1000, buffer)).isEqualTo(Completion.DONE);
            assertRefused(Errno.EFAULT, () -> view.read(0x1000 + PAGE - 8, buffer));
        }
    }

    @Test
    void fileIoIntoMemoryThatIsGoneEndsWithEfault() throws IOException {
        try (FileChannel cut = mapFile(0x1000, RW);
                FileChannel whole = mapFile(0x9000, FILE_IO);
                var lease = view.lease(0x1000, 64, AccessMode.READ_WRITE)) {
            cut.truncate(0);
            assertThat(whole.size()).isEqualTo(2 * PAGE);
            assertRefused(Errno.EFAULT, () -> view.read(0x9000, lease.segment(0)));
            assertRefused(Errno.EFAULT, () -> view.write(0x9000, lease.segment(0)));
        }
    }

    @Test
    void fileNotOpenForWritingIsAnIoError() throws IOException {
        Path path = Files.write(directory.resolve("read-only"), new byte[(int) PAGE]);
        map(table, FileIo.open(path, Protection.READ), new DmaMap(FILE_IO, 0, 0, PAGE));
        var buffer = MemorySegment.ofArray(new byte[16]);
        assertThat(view.read(0, buffer)).isEqualTo(Completion.DONE);
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> view.write(0, buffer))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EIO))
                .withMessageContaining("EBADF");
    }

    private FileChannel mapFile(long iova, DmaFlags flags) throws IOException {
        Path path = Files.write(directory.resolve("guest-" + iova), new byte[(int) (2 * PAGE)]);
        map(table, FileIo.open(path, Protection.READ_WRITE), new DmaMap(flags, 0, iova, 2 * PAGE));
        return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private int errnoOfRead(MemorySegment buffer) {
        try {
            view.read(0x1000, buffer);
            return 0;
        } catch (DeviceException e) {
            return e.errno().number();
        }
    }

    private int errnoOfWrite(MemorySegment buffer) {
        try {
            view.write(0x1000, buffer);
            return 0;
        } catch (DeviceException e) {
            return e.errno().number();
        }
    }
}
