package io.vfiouser.server.state;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// A directory with the states of devices, a file for each, named by the device. Whoever can write
/// there decides what the devices find; the files have mode 0600.
///
/// A file is written whole under another name, synchronized and renamed; so there is either all of
/// it or none, whatever happens meanwhile. All methods block; they may be called from any thread.
public final class StateDirectory {
    private static final String SUFFIX = ".state";
    private static final int MAX_NAME = 240;

    private final Path path;

    private StateDirectory(Path path) {
        this.path = path;
    }

    /// The directory at `path`.
    ///
    /// @throws StateException unless it is a directory that can be written
    public static StateDirectory at(Path path) {
        Objects.requireNonNull(path, "path");
        if (!Files.isDirectory(path) || !Files.isWritable(path)) {
            throw new StateException(path + " (expected: a directory that can be written)");
        }
        return new StateDirectory(path);
    }

    /// Where it is.
    public Path path() {
        return path;
    }

    /// Where the state of the device with this name is: `name.state`, whatever is not a letter of
    /// ASCII, a digit, `-`, `_` or a `.` behind the first place as `%` and two hexadecimal digits
    /// for each byte.
    ///
    /// @throws StateException if that is longer than 240 bytes
    public Path file(String name) {
        var escaped = new StringBuilder();
        for (byte b : name.getBytes(UTF_8)) {
            char c = (char) (b & 0xff);
            if (isPlain(c) || (c == '.' && !escaped.isEmpty())) {
                escaped.append(c);
            } else {
                escaped.append("%%%02x".formatted((int) c));
            }
        }
        if (escaped.isEmpty() || escaped.length() > MAX_NAME) {
            throw new StateException(
                    "name: %d bytes as the name of a file (expected: 1 to %d)"
                            .formatted(escaped.length(), MAX_NAME));
        }
        return path.resolve(escaped + SUFFIX);
    }

    /// Checks that the file of this device is whole, if there is one.
    ///
    /// @throws StateException if it is not
    public void check(String name) {
        read(name);
    }

    /// What is kept of this device.
    ///
    /// @throws StateException if there is a file that is not a whole state, or cannot be read
    public Optional<SavedState> read(String name) {
        Path file = file(name);
        try {
            return Optional.of(StateFormat.decode(bytes(file)));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IOException | StateException e) {
            throw unusable(name, String.valueOf(e.getMessage()), e);
        }
    }

    /// Keeps `saved` for this device, in place of what was there.
    ///
    /// @throws StateException if it cannot be written; what was there stays then
    public void write(String name, SavedState saved) {
        Path file = file(name);
        Path unfinished = path.resolve("." + file.getFileName());
        try {
            byte[] bytes = StateFormat.encode(saved);
            Files.deleteIfExists(unfinished); // of a process that died
            try {
                fill(unfinished, bytes);
                Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(unfinished);
            }
            synchronize();
        } catch (IOException e) {
            throw new StateException(file + ": cannot be written: " + e, e);
        }
    }

    /// Forgets what is kept of this device, if there is something.
    ///
    /// @throws StateException if it cannot be removed
    public void remove(String name) {
        Path file = file(name);
        try {
            if (Files.deleteIfExists(file)) {
                synchronize();
            }
        } catch (IOException e) {
            throw new StateException(file + ": cannot be removed: " + e, e);
        }
    }

    /// That what is kept of this device does not fit, and what to do.
    ///
    /// @param why what was found and expected
    public StateException unusable(String name, String why, Throwable cause) {
        return new StateException(
                file(name) + ": " + why + "; move it away to begin without that state", cause);
    }

    private static boolean isPlain(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '_';
    }

    private static byte[] bytes(Path file) throws IOException {
        var attributes =
                Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!attributes.isRegularFile()) {
            throw new StateException("not a file (expected: one)");
        }
        if (attributes.size() > StateFormat.MAX_SIZE) {
            throw new StateException(
                    "%d bytes (expected: at most %d)"
                            .formatted(attributes.size(), StateFormat.MAX_SIZE));
        }
        return Files.readAllBytes(file);
    }

    private static void fill(Path file, byte[] bytes) throws IOException {
        var ownerOnly =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (FileChannel out =
                FileChannel.open(
                        file,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        ownerOnly)) {
            ByteBuffer all = ByteBuffer.wrap(bytes);
            while (all.hasRemaining()) {
                out.write(all);
            }
            out.force(true);
        }
    }

    /// What was made, renamed or removed in the directory is so after a power cut too.
    private void synchronize() throws IOException {
        try (FileChannel directory = FileChannel.open(path, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
