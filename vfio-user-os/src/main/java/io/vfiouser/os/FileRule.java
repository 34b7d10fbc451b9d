package io.vfiouser.os;

import java.nio.file.Path;
import java.util.Objects;

/// A file that stays usable behind a [Sandbox], or a directory with all that is beneath it.
///
/// @param path the file or directory; symbolic links are followed once, when the sandbox begins
/// @param access what stays possible
public record FileRule(Path path, Access access) {
    /// Checks that both are there.
    public FileRule {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(access, "access");
    }

    /// What can be done with a file or directory.
    public enum Access {
        /// Reading files, listing directories.
        READ(Landlock.READ_FILE | Landlock.READ_DIR),
        /// Reading and starting programs.
        EXECUTE(Landlock.READ_FILE | Landlock.READ_DIR | Landlock.EXECUTE),
        /// Making sockets, and removing what is in the directory, for which its permissions decide
        /// too.
        SOCKETS(Landlock.READ_DIR | Landlock.MAKE_SOCK | Landlock.REMOVE_FILE),
        /// Reading, writing, making and removing files, directories and sockets.
        WRITE(
                Landlock.READ_FILE
                        | Landlock.READ_DIR
                        | Landlock.WRITE_FILE
                        | Landlock.TRUNCATE
                        | Landlock.MAKE_REG
                        | Landlock.MAKE_DIR
                        | Landlock.MAKE_SOCK
                        | Landlock.REMOVE_FILE
                        | Landlock.REMOVE_DIR
                        | Landlock.REFER);

        private final long rights;

        Access(long rights) {
            this.rights = rights;
        }

        long rights() {
            return rights;
        }
    }
}
