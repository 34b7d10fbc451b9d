package io.vfiouser.fuzz;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.FileIo;
import io.vfiouser.os.Protection;
import io.vfiouser.os.UnixSockets;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Descriptors of every kind that a client can send.
final class FuzzDescriptors implements AutoCloseable {
    /// How many kinds there are.
    static final int KINDS = 9;

    private static final int FILE_SIZE = 0x1_0000;
    private static final Path FILE = newFile();

    private boolean cut;

    /// New descriptors, one for each byte.
    FdBundle bundle(byte... kinds) {
        var made = new ArrayList<FileDescriptor>();
        try {
            for (byte kind : kinds) {
                made.add(make(Math.floorMod(kind, KINDS)));
            }
        } catch (IOException e) {
            made.forEach(Descriptors::close);
            throw new UncheckedIOException(e);
        }
        return made.isEmpty() ? FdBundle.empty() : FdBundle.ofOwned(made);
    }

    /// Cuts the file that stands for memory short.
    void truncate(int pages) {
        cut = true;
        resize(pages % 16 * 0x1000L);
    }

    private static void resize(long size) {
        try (var file = new RandomAccessFile(FILE.toFile(), "rw")) {
            file.setLength(size);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileDescriptor make(int kind) throws IOException {
        return switch (kind) {
            case 0, 1, 2 -> FileIo.open(FILE, Protection.READ_WRITE);
            case 3 -> FileIo.open(FILE, Protection.READ);
            case 4, 5 -> EventFd.create().fd();
            case 6 -> first(List.of(FileDescriptor.pipe()));
            case 7 -> first(List.of(UnixSockets.pair()));
            default -> FileIo.open(Path.of("/dev/null"), Protection.READ_WRITE);
        };
    }

    private static FileDescriptor first(List<FileDescriptor> both) {
        Descriptors.close(both.getLast());
        return both.getFirst();
    }

    private static Path newFile() {
        try {
            Path file = Files.createTempFile(Path.of("/dev/shm"), "fuzz", "memory");
            file.toFile().deleteOnExit();
            Files.write(file, new byte[FILE_SIZE]);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Makes the file whole again.
    @Override
    public void close() {
        if (cut) {
            resize(FILE_SIZE);
        }
    }
}
