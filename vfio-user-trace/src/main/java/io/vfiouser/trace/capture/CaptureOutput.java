package io.vfiouser.trace.capture;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where a capture goes: a stream, or a file that is put aside as `FILE.1`, `FILE.2` and so on when
/// it is full. The writer thread's alone.
final class CaptureOutput implements AutoCloseable {
    private static final int BUFFER = 1 << 16;
    private static final Set<StandardOpenOption> MADE_OR_EMPTIED =
            Set.of(
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE);

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
        var channel = Files.newByteChannel(file, MADE_OR_EMPTIED, OWNERS);
        return new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
    }
}
