package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// What a program that is about to be started may do: open these files, use these ports, as this
/// user, and nothing that a device server has no use for.
///
/// The kernel restricts threads, and a JVM has threads of its own before `main`. So a process that
/// is to be restricted restricts the thread that then becomes another program ([ProcessImage]):
/// what comes from a restricted thread is restricted too, by `execve` as well. Nothing takes a
/// restriction back.
///
/// @param files what stays usable of the file system
/// @param bind TCP ports that may be listened on
/// @param connect TCP ports that may be connected to
/// @param user who to become; empty to stay
public record Sandbox(
        List<FileRule> files, Set<Integer> bind, Set<Integer> connect, Optional<UserId> user) {
    private static final int CAP_VERSION_3 = 0x20080522;
    private static final long CAP_HEADER_SIZE = 8;
    private static final long CAP_DATA_SIZE = 12;
    private static final long CAP_PERMITTED = 4;
    private static final long CAP_INHERITABLE = 8;

    /// CAP_CHOWN, CAP_DAC_OVERRIDE and CAP_FOWNER: for sockets and disks of other users.
    private static final int FILE_CAPABILITIES = 0b1011;

    /// Copies the lists.
    public Sandbox {
        files = List.copyOf(files);
        bind = Set.copyOf(bind);
        connect = Set.copyOf(connect);
        Objects.requireNonNull(user, "user");
    }

    /// Restricts the calling thread as far as the kernel can, for good: becomes the user, gives up
    /// gaining privileges and root's capabilities except those for files, then files, ports and
    /// scopes by Landlock, then system calls by seccomp. The other threads of the process are as
    /// before.
    ///
    /// @param support what the kernel offers; what it does not is left out
    /// @throws NativeCallException for a file that is not there (ENOENT), a user that this process
    ///   may not become (EPERM); the thread may be restricted in part then and should do no more
    ///   than say so
    public void enter(SandboxSupport support) {
        CallState state = CallState.current();
        // Made before this thread may not be able to load classes any more.
        var filter = SeccompFilter.ofServers();
        user.ifPresent(those -> become(state, those));
        SeccompFilter.forbidNewPrivileges(state);
        dropCapabilities(state);
        if (support.landlock() > 0) {
            Landlock.restrict(state, support.landlock(), files, bind, connect);
        }
        if (support.seccomp()) {
            filter.install(state);
        }
    }

    /// Keeps all threads of this process from starting other programs, for good.
    ///
    /// @throws NativeCallException with EACCES in a process that may gain privileges
    public static void forbidPrograms() {
        SeccompFilter.ofPrograms().installForAllThreads(CallState.current());
    }

    /// The system calls themselves: the C library's functions would make all threads follow.
    private static void become(CallState state, UserId user) {
        int gid = user.gid();
        int uid = user.uid();
        change("setgroups", ProcessCalls.syscall(state, SystemCall.SETGROUPS, 0, 0, 0, 0), "none");
        change(
                "setresgid",
                ProcessCalls.syscall(state, SystemCall.SETRESGID, gid, gid, gid, 0),
                "gid=" + Integer.toUnsignedString(gid));
        change(
                "setresuid",
                ProcessCalls.syscall(state, SystemCall.SETRESUID, uid, uid, uid, 0),
                "uid=" + Integer.toUnsignedString(uid));
    }

    private static void dropCapabilities(CallState state) {
        MemorySegment memory = state.memory();
        memory.asSlice(0, CAP_HEADER_SIZE + 2 * CAP_DATA_SIZE).fill((byte) 0);
        memory.set(JAVA_INT, 0, CAP_VERSION_3);
        long header = memory.address();
        long data = header + CAP_HEADER_SIZE;
        change("capget", ProcessCalls.syscall(state, SystemCall.CAPGET, header, data, 0, 0), "");
        long lower = CAP_HEADER_SIZE;
        if (memory.get(JAVA_INT, lower + CAP_PERMITTED) == 0
                && memory.get(JAVA_INT, lower + CAP_INHERITABLE) == 0) {
            // A filter of the service manager may refuse the call that would change nothing.
            return;
        }
        memory.set(JAVA_INT, lower, memory.get(JAVA_INT, lower) & FILE_CAPABILITIES);
        memory.set(
                JAVA_INT,
                lower + CAP_PERMITTED,
                memory.get(JAVA_INT, lower + CAP_PERMITTED) & FILE_CAPABILITIES);
        memory.set(JAVA_INT, lower + CAP_INHERITABLE, 0);
        memory.asSlice(lower + CAP_DATA_SIZE, CAP_DATA_SIZE).fill((byte) 0);
        change("capset", ProcessCalls.syscall(state, SystemCall.CAPSET, header, data, 0, 0), "");
    }

    private static void change(String call, long result, String arguments) {
        if (result < 0) {
            throw Descriptors.failure(call, result, arguments);
        }
    }
}
