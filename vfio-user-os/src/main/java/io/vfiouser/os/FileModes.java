package io.vfiouser.os;

import java.lang.foreign.Arena;
import java.nio.file.Path;

/// Permission bits of files that cannot be opened, such as sockets.
public final class FileModes {
    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;

    private FileModes() {}

    /// Sets the permission bits of the file that `path` names; a symbolic link there is not
    /// followed.
    ///
    /// @param mode the bits, such as 0660
    /// @throws NativeCallException with EOPNOTSUPP if `path` is a symbolic link, or others such as
    ///   ENOENT or EPERM
    public static void set(Path path, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            long name = arena.allocateFrom(path.toString()).address();
            int result =
                    AddressCalls.fchmodat(
                            CallState.current(), AT_FDCWD, name, mode, AT_SYMLINK_NOFOLLOW);
            if (result < 0) {
                throw Descriptors.failure(
                        "fchmodat", result, "path=%s, mode=0%o".formatted(path, mode));
            }
        }
    }
}
