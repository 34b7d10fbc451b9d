package io.vfiouser.server.dma;

import static io.vfiouser.server.dma.Maps.FILE_IO;
import static io.vfiouser.server.dma.Maps.PAGE;
import static io.vfiouser.server.dma.Maps.RO;
import static io.vfiouser.server.dma.Maps.RW;
import static io.vfiouser.server.dma.Maps.assertRejected;
import static io.vfiouser.server.dma.Maps.map;
import static io.vfiouser.server.dma.Maps.table;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.Errno;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FileIo;
import io.vfiouser.os.NativeCallException;
import io.vfiouser.os.Protection;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What a client may pass as the file behind its memory, and that none of it stays open.
@ExtendWith(NoDescriptorLeaks.class)
class DmaDescriptorTest {
    private final DmaTable table = table();

    @TempDir private Path directory;

    @AfterEach
    void closeTable() {
        table.close();
    }

    @Test
    void refusesWhatIsNotAFile() throws IOException {
        for (DmaFlags flags : List.of(RW, FILE_IO)) {
            FileDescriptor[] pipe = FileDescriptor.pipe();
            for (FileDescriptor end : pipe) {
                assertRejected(Errno.EINVAL, () -> map(table, end, new DmaMap(flags, 0, 0, PAGE)));
                assertThat(end.isOpen()).isFalse();
            }
            for (Path path : List.of(directory, Path.of("/dev/null"))) {
                FileDescriptor fd = FileIo.open(path, Protection.READ);
                assertRejected(Errno.EINVAL, () -> map(table, fd, new DmaMap(flags, 0, 0, PAGE)));
            }
        }
        assertThat(table.size()).isZero();
    }

    @Test
    void refusesAnEventFd() {
        try (var event = EventFd.create()) {
            FileDescriptor fd = Descriptors.duplicate(event.fd());
            assertRejected(Errno.EINVAL, () -> map(table, fd, new DmaMap(RW, 0, 0, PAGE)));
        }
    }

    @Test
    void refusesAFileThatDoesNotCoverTheRange() {
        try (var memory = SharedMemory.create("guest", 4 * PAGE)) {
            long[][] parts = {
                {0, 4 * PAGE + 1},
                {PAGE, 4 * PAGE},
                {5 * PAGE, PAGE},
                {4 * PAGE, 1},
                {-PAGE, PAGE},
                {-1, 1},
                {PAGE, Long.MAX_VALUE}
            };
            try (var roomy = new DmaTable(10, Long.MAX_VALUE, DirtySink.NONE)) {
                for (long[] part : parts) {
                    for (DmaFlags flags : List.of(RW, FILE_IO)) {
                        assertRejected(
                                Errno.EINVAL, () -> map(roomy, memory, part[0], 0, part[1], flags));
                    }
                }
                assertThat(map(roomy, memory, 3 * PAGE, 0, PAGE, RW)).isTrue();
            }
        }
    }

    @Test
    void descriptorMustAllowWhatTheFlagsSay() throws IOException {
        Path file = Files.write(directory.resolve("guest"), new byte[(int) PAGE]);
        var readOnly = FileIo.open(file, Protection.READ);
        assertThatExceptionOfType(NativeCallException.class)
                .isThrownBy(() -> map(table, readOnly, new DmaMap(RW, 0, 0, PAGE)))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EACCES));
        assertThat(table.size()).isZero();
        assertThat(map(table, FileIo.open(file, Protection.READ), new DmaMap(RO, 0, 0, PAGE)))
                .isTrue();
    }

    @Test
    void offsetNeedNotBeAligned() {
        var view = new GuestMemoryView(table, FakePeer.answeringAtOnce());
        try (var memory = SharedMemory.create("guest", 4 * PAGE)) {
            memory.segment().set(JAVA_BYTE, 0x234 + 0x1fff, (byte) 9);
            map(table, memory, 0x234, 0x77, 0x2000, RW);
            try (var lease = view.lease(0x77 + 0x1fff, 1, AccessMode.READ)) {
                assertThat(lease.segment(0).toArray(JAVA_BYTE)).containsExactly(9);
            }
        }
    }

    @Test
    void neverTouchedMappingLeavesNoTrace() throws IOException {
        try (var memory = SharedMemory.create("dma-untouched", PAGE)) {
            long tombstones = Maps.mappingsOf("vfio-user-tombstone");
            for (int i = 0; i < 1000; i++) {
                map(table, memory, 0, 0, PAGE, RW);
                Maps.unmap(table, 0, PAGE);
            }
            map(table, memory, 0, 0, PAGE, RW);
            map(table, memory, 0, PAGE, PAGE, RO);
            table.close();
            assertThat(Maps.mappingsOf("dma-untouched")).isZero();
            assertThat(Maps.mappingsOf("vfio-user-tombstone")).isLessThanOrEqualTo(tombstones);
        }
    }
}
