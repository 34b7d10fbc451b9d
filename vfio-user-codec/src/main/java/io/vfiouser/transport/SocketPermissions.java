package io.vfiouser.transport;

import io.vfiouser.os.FileModes;
import io.vfiouser.os.NativeCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Optional;
import java.util.OptionalInt;

/// Whom the file of a listening socket belongs to and who may connect: Linux asks for write
/// permission. They are set before the socket listens, so it is never more open than asked for.
///
/// @param mode permission bits, 0 to 0777; absent: 0777 without the bits of the process's umask
/// @param owner name or number of a user; absent: whoever makes the file
/// @param group name or number of a group; absent: that of whoever makes the file
public record SocketPermissions(OptionalInt mode, Optional<String> owner, Optional<String> group) {
    /// All as the system has it.
    public static final SocketPermissions DEFAULT =
            new SocketPermissions(OptionalInt.empty(), Optional.empty(), Optional.empty());

    private static final int MAX_MODE = 0777;

    /// Checks the mode.
    public SocketPermissions {
        if (mode.isPresent() && (mode.getAsInt() & ~MAX_MODE) != 0) {
            throw new IllegalArgumentException(
                    "mode: 0%o (expected: 0 to 0777)".formatted(mode.getAsInt()));
        }
    }

    /// The same with other permission bits.
    public SocketPermissions withMode(int bits) {
        return new SocketPermissions(OptionalInt.of(bits), owner, group);
    }

    /// The same with another owner, which only root can set.
    public SocketPermissions withOwner(String user) {
        return new SocketPermissions(mode, Optional.of(user), group);
    }

    /// The same with another group; others than root can set those that they belong to.
    public SocketPermissions withGroup(String name) {
        return new SocketPermissions(mode, owner, Optional.of(name));
    }

    /// Gives the file at `path`, which is bound but does not listen yet, its owner, group and mode.
    ///
    /// @throws IOException naming the user or group that is unknown or not ours to set
    void apply(Path path) throws IOException {
        var view =
                Files.getFileAttributeView(
                        path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        UserPrincipalLookupService names = path.getFileSystem().getUserPrincipalLookupService();
        if (owner.isPresent()) {
            change(
                    "owner",
                    owner.get(),
                    () -> view.setOwner(names.lookupPrincipalByName(owner.get())));
        }
        if (group.isPresent()) {
            change(
                    "group",
                    group.get(),
                    () -> view.setGroup(names.lookupPrincipalByGroupName(group.get())));
        }
        if (mode.isPresent()) {
            try {
                FileModes.set(path, mode.getAsInt());
            } catch (NativeCallException e) {
                throw new IOException("socket mode: " + e.getMessage(), e);
            }
        }
    }

    private static void change(String what, String name, Change change) throws IOException {
        try {
            change.run();
        } catch (UserPrincipalNotFoundException e) {
            throw new IOException(
                    "socket %s: %s (expected: one that this system knows)".formatted(what, name),
                    e);
        } catch (IOException e) {
            throw new IOException(
                    "socket %s: %s: %s (expected: one that this process may set)"
                            .formatted(what, name, e.getMessage()),
                    e);
        }
    }

    @FunctionalInterface
    private interface Change {
        void run() throws IOException;
    }
}
