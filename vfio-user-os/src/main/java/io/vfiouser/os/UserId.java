package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// A user and the group that files of theirs get.
///
/// @param uid the user's number
/// @param gid the group's number
public record UserId(int uid, int gid) {
    // struct passwd: two pointers, then the two numbers.
    private static final long PASSWD_UID = 16;
    private static final long PASSWD_GID = 20;
    private static final long PASSWD_SIZE = 24;

    /// The user of this name, wherever this machine keeps its users; empty if there is none.
    @SuppressWarnings("restricted") // the C library's structure is as large as said
    public static synchronized Optional<UserId> named(String name) {
        try (Arena arena = Arena.ofConfined()) {
            long entry = ProcessCalls.getpwnam(arena.allocateFrom(name).address());
            if (entry == 0) {
                return Optional.empty();
            }
            MemorySegment passwd = MemorySegment.ofAddress(entry).reinterpret(PASSWD_SIZE);
            return Optional.of(
                    new UserId(passwd.get(JAVA_INT, PASSWD_UID), passwd.get(JAVA_INT, PASSWD_GID)));
        }
    }
}
