package io.vfiouser.server.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.GuestMemory;
import io.vfiouser.device.memory.Lease;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.Platform;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/// Requests for a table, short enough to be read in a test.
final class Maps {
    static final long PAGE = 4096;
    static final DmaFlags RW = DmaFlags.READ_WRITE;
    static final DmaFlags RO = DmaFlags.READ_ONLY;
    static final DmaFlags WO = new DmaFlags(DmaFlags.WRITE);
    static final DmaFlags NONE = new DmaFlags(0);
    static final DmaFlags FILE_IO = new DmaFlags(RW.bits() | DmaFlags.FILE_IO);

    static {
        Platform.ensureSupported();
    }

    private Maps() {}

    static DmaTable table() {
        return new DmaTable(1 << 16, 1L << 44, DirtySink.NONE);
    }

    /// Maps without a descriptor.
    static void mapMessages(DmaTable table, long iova, long size, DmaFlags flags) {
        assertThat(table.map(new DmaMap(flags, 0, iova, size), FdBundle.empty())).isPresent();
    }

    /// Maps a part of `memory`; true unless it was there already.
    static boolean map(
            DmaTable table, SharedMemory memory, long offset, long iova, long size, DmaFlags f) {
        try (FdBundle fds = FdBundle.of(memory.duplicate())) {
            return table.map(new DmaMap(f, offset, iova, size), fds).isPresent();
        }
    }

    /// Maps with a descriptor, which ends here or in the table.
    static boolean map(DmaTable table, FileDescriptor fd, DmaMap request) {
        try (FdBundle fds = FdBundle.of(fd)) {
            return table.map(request, fds).isPresent();
        }
    }

    static void unmap(DmaTable table, long iova, long size) {
        table.beginUnmap(iova, size).finish();
    }

    @SuppressWarnings("MustBeClosed") // the test decides when the lease ends
    static Lease lend(GuestMemory view, long iova, long length, AccessMode mode) {
        return view.lease(iova, length, mode);
    }

    static void assertRejected(Errno errno, ThrowingCallable call) {
        assertThatExceptionOfType(RequestRejectedException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.errno()).isEqualTo(errno))
                .withMessageContaining("expected: ");
    }

    static void assertRefused(Errno errno, ThrowingCallable call) {
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.errno()).isEqualTo(errno))
                .withMessageContaining("expected: ");
    }

    /// How many mappings of this process name a file like this.
    static long mappingsOf(String name) throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains(name)).count();
        }
    }
}
