package io.vfiouser.trace.capture;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where a capture goes: a stream, or a file that is put aside as `FILE.1`, `FILE.2` and so on when
/// it is full. The writer thread's alone.
final class CaptureOutput implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CaptureOutput.class);
    private static final int BUFFER = 1 << 16;
    private static final Set<StandardOpenOption> MADE_OR_THERE =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE);

    /// What guests write is in it.
    private static final FileAttribute<?> OWNERS =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final @Nullable Path file;
    private final CaptureSettings settings;
    private OutputStream out;

    private CaptureOutput(@Nullable Path file, CaptureSettings settings, OutputStream out) {
        this.file = file;
        this.settings = settings;
        this.out = out;
    }

    static CaptureOutput to(Path file, CaptureSettings settings) throws IOException {
        return new CaptureOutput(file, settings, open(file));
    }

    static CaptureOutput to(OutputStream stream, CaptureSettings settings) {
        return new CaptureOutput(null, settings, new BufferedOutputStream(stream, BUFFER));
    }

    OutputStream stream() {
        return out;
    }

    boolean isFull(long written) {
        return file != null && settings.fileSize() > 0 && written >= settings.fileSize();
    }

    /// Begins a new file.
    OutputStream rotate() throws IOException {
        Path current = file;
        if (current == null) {
            throw new AssertionError("a stream cannot be put aside");
        }
        out.close();
        for (int number = settings.keptFiles(); number >= 1; number--) {
            Path older = number == 1 ? current : aside(current, number - 1);
            if (Files.exists(older)) {
                Files.move(older, aside(current, number), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        out = open(current);
        return out;
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    private static Path aside(Path file, int number) {
        return file.resolveSibling(file.getFileName() + "." + number);
    }

    private static OutputStream open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, MADE_OR_THERE, OWNERS);
        try {
            if (Files.isRegularFile(file)) { // no pipe
                lock(file, channel);
                channel.truncate(0);
            }
            return new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
        } catch (Throwable thrown) {
            channel.close();
            throw thrown;
        }
    }

    /// Until the file is closed. Two captures in one file would overwrite each other.
    private static void lock(Path file, FileChannel channel) throws IOException {
        boolean locked;
        try {
            locked = channel.tryLock() != null;
        } catch (OverlappingFileLockException _) { // of this process
            locked = false;
        } catch (IOException e) {
            LOG.debug("{}: not locked", file, e); // a file system that cannot
            locked = true;
        }
        if (!locked) {
            throw new IOException(
                    file + ": another capture writes to it (expected: a file for each)");
        }
    }
}
