package io.vfiouser.testkit.conformance;

import static io.vfiouser.testkit.conformance.Bits.DMA_READ_WRITE;

import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.FileIo;
import io.vfiouser.os.Protection;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// What the server does with mapped memory; needs the device `testdev`.
final class DmaAccessChecks {
    private static final long A = 0x1000_0000;
    private static final long B = 0x2000_0000;
    private static final int SIZE = 0x4000;

    private DmaAccessChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("mapped memory", "VFIO_USER_DMA_MAP");
        addRefusals(group);
        for (int mode : new int[] {0, DmaFlags.MMAP, DmaFlags.FILE_IO}) {
            group.check(
                    "a copy with DMA_MAP flags 0x%x".formatted(DMA_READ_WRITE | mode),
                    "arrives in the client's memory, without messages",
                    peer -> copies(peer, mode, 0));
        }
        group.check(
                "a copy at an unaligned file offset",
                "uses the bytes from that offset on",
                peer -> copies(peer, 0, 0x123));
        group.check(
                "a copy across two regions side by side",
                "uses both",
                DmaAccessChecks::acrossRegions);
        group.check(
                        "a file that is cut short after DMA_MAP",
                        "that copy refused with EFAULT; the server lives",
                        DmaAccessChecks::truncated)
                .reference("the process ends with SIGBUS", peer -> peer.inStep());
        return group.checks();
    }

    private static void addRefusals(CheckGroup group) {
        group.check(
                "a copy from or to an address in no region",
                "refused with ENOENT",
                peer -> {
                    TestdevDma dma = TestdevDma.of(peer);
                    map(peer, A, DMA_READ_WRITE, 0);
                    dma.refuses(A, B, 8, Errno.ENOENT);
                    dma.refuses(B, A, 8, Errno.ENOENT);
                    dma.refuses(A + SIZE - 4, A, 8, Errno.ENOENT);
                    dma.refuses(-4, A, 8, Errno.ENOENT);
                });
        group.check(
                "a copy that the flags of a region forbid",
                "refused with EACCES",
                peer -> {
                    TestdevDma dma = TestdevDma.of(peer);
                    map(peer, A, DmaFlags.READ, 0);
                    map(peer, B, DmaFlags.WRITE, 0);
                    dma.refuses(B, B + 64, 8, Errno.EACCES);
                    dma.refuses(A, A + 64, 8, Errno.EACCES);
                    dma.copies(A, B, 8);
                });
        group.check(
                "a copy after DMA_UNMAP",
                "refused with ENOENT",
                peer -> {
                    TestdevDma dma = TestdevDma.of(peer);
                    map(peer, A, DMA_READ_WRITE, 0);
                    dma.copies(A, A + 64, 8);
                    peer.succeeds(Commands.dmaUnmap(0, A, SIZE));
                    dma.refuses(A, A + 64, 8, Errno.ENOENT);
                });
    }

    private static void copies(Peer peer, int mode, long fileOffset) {
        TestdevDma dma = TestdevDma.of(peer);
        MemorySegment memory = map(peer, A, DMA_READ_WRITE | mode, fileOffset);
        fill(memory.asSlice(fileOffset, 256));
        dma.copies(A + 1, A + 0x1000, 255);
        check(memory.asSlice(fileOffset + 1, 255), memory.asSlice(fileOffset + 0x1000, 255));
        Difference.check(
                "the byte behind the copy",
                (byte) 0,
                memory.get(ValueLayout.JAVA_BYTE, fileOffset + 0x1000 + 255));
    }

    private static void acrossRegions(Peer peer) {
        TestdevDma dma = TestdevDma.of(peer);
        MemorySegment first = map(peer, A, DMA_READ_WRITE, 0);
        MemorySegment second = map(peer, A + SIZE, DMA_READ_WRITE, 0);
        fill(first.asSlice(0, 200));
        dma.copies(A, A + SIZE - 100, 200);
        check(first.asSlice(0, 100), first.asSlice(SIZE - 100, 100));
        check(first.asSlice(100, 100), second.asSlice(0, 100));
    }

    private static void truncated(Peer peer) {
        TestdevDma dma = TestdevDma.of(peer);
        try {
            Path path = Files.createTempFile("conformance", ".memory");
            try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.allocate(SIZE));
                peer.succeeds(
                        Commands.dmaMap(DMA_READ_WRITE, 0, A, SIZE),
                        FdBundle.of(FileIo.open(path, Protection.READ_WRITE)));
                dma.copies(A, A + 0x2000, 64);
                file.truncate(0);
                dma.refuses(A, A + 0x2000, 64, Errno.EFAULT);
                peer.succeeds(Commands.dmaUnmap(0, A, SIZE));
            } finally {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Maps new memory.
    ///
    /// @return all of the file
    private static MemorySegment map(Peer peer, long address, int flags, long fileOffset) {
        SharedMemory memory = peer.sharedMemory(2L * SIZE);
        peer.succeeds(Commands.dmaMap(flags, fileOffset, address, SIZE), Peer.descriptorOf(memory));
        return memory.segment();
    }

    private static void fill(MemorySegment segment) {
        for (int i = 0; i < segment.byteSize(); i++) {
            segment.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 7 + 1));
        }
    }

    private static void check(MemorySegment expected, MemorySegment seen) {
        long at = expected.mismatch(seen);
        Difference.check(at < 0, "a copy of the bytes", "another byte at " + at);
    }
}
