package io.vfiouser.cli.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/// Where sockets shall be.
///
/// @param path of the directory
record SocketDirectory(Path path) {
    private static final String SUBJECT = "socket directory";

    /// A socket's path has 107 bytes at most.
    private static final int LONG = 90;

    Finding finding() {
        if (!Files.isDirectory(path)) {
            return Finding.fail(SUBJECT, path + ": no directory", "mkdir " + path);
        }
        if (!Files.isWritable(path)) {
            return Finding.fail(
                    SUBJECT,
                    path + ": not writable for " + System.getProperty("user.name"),
                    "chown it, or choose another with --directory");
        }
        if (path.toAbsolutePath().toString().length() > LONG) {
            return Finding.warn(
                    SUBJECT,
                    path + ": long",
                    "a socket's path has 107 bytes at most; choose a shorter one");
        }
        return isOpenToAll()
                ? Finding.warn(
                        SUBJECT,
                        path + ": every user can write to it",
                        "use one of your own, so that nobody puts a socket in the way")
                : Finding.ok(SUBJECT, path.toString());
    }

    private boolean isOpenToAll() {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
            return permissions.contains(PosixFilePermission.OTHERS_WRITE);
        } catch (IOException | UnsupportedOperationException _) {
            return false;
        }
    }
}
