package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.netty.channel.unix.FileDescriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;

/// The kernel's Landlock: what a thread and all that comes from it may open, connect to and signal.
final class Landlock {
    static final long EXECUTE = 1;
    static final long WRITE_FILE = 1 << 1;
    static final long READ_FILE = 1 << 2;
    static final long READ_DIR = 1 << 3;
    static final long REMOVE_DIR = 1 << 4;
    static final long REMOVE_FILE = 1 << 5;
    static final long MAKE_DIR = 1 << 7;
    static final long MAKE_REG = 1 << 8;
    static final long MAKE_SOCK = 1 << 9;
    static final long REFER = 1 << 13;
    static final long TRUNCATE = 1 << 14;

    /// The version with rules for TCP ports.
    static final int TCP = 4;

    /// The version with scopes for signals and abstract sockets.
    static final int SCOPES = 6;

    /// What the first version knows: bits 0 to 12.
    private static final long FIRST_FILE_RIGHTS = (1 << 13) - 1;

    private static final long IOCTL_DEV = 1 << 15;
    private static final int REFER_VERSION = 2;
    private static final int TRUNCATE_VERSION = 3;
    private static final int IOCTL_DEV_VERSION = 5;

    /// Of these, what makes sense for a file that is no directory.
    private static final long OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV;

    private static final long BIND_TCP = 1;
    private static final long CONNECT_TCP = 1 << 1;
    private static final long ALL_SCOPES = 0b11;

    private static final int VERSION_FLAG = 1;
    private static final int PATH_BENEATH = 1;
    private static final int NET_PORT = 2;
    private static final int O_PATH = 0x200000;
    private static final int O_CLOEXEC = 0x80000;

    // struct landlock_ruleset_attr, which has grown with the versions.
    private static final long ATTR_FILES = 0;
    private static final long ATTR_NET = 8;
    private static final long ATTR_SCOPES = 16;
    private static final long ATTR_SIZE = 24;

    // struct landlock_path_beneath_attr, packed, and struct landlock_net_port_attr.
    private static final long RULE_RIGHTS = 0;
    private static final long RULE_OBJECT = 8;
    private static final long RULE_SIZE = 16;

    private Landlock() {}

    /// The version that the kernel has, from 1, or minus errno: ENOSYS if it was built without,
    /// EOPNOTSUPP if it was started without.
    static int version(CallState state) {
        return (int)
                ProcessCalls.syscall(
                        state, SystemCall.LANDLOCK_CREATE_RULESET, 0, 0, VERSION_FLAG, 0);
    }

    /// Restricts the calling thread, for good. It must not be able to gain privileges.
    ///
    /// @param version what the kernel has
    /// @throws NativeCallException for a path that is not there
    static void restrict(
            CallState state,
            int version,
            Collection<FileRule> files,
            Collection<Integer> bind,
            Collection<Integer> connect) {
        try (Arena arena = Arena.ofConfined()) {
            long handled = fileRights(version);
            MemorySegment attributes = arena.allocate(ATTR_SIZE, Long.BYTES);
            attributes.set(JAVA_LONG, ATTR_FILES, handled);
            attributes.set(JAVA_LONG, ATTR_NET, version < TCP ? 0 : BIND_TCP | CONNECT_TCP);
            attributes.set(JAVA_LONG, ATTR_SCOPES, version < SCOPES ? 0 : ALL_SCOPES);
            long size = version < TCP ? ATTR_NET : version < SCOPES ? ATTR_SCOPES : ATTR_SIZE;
            long made =
                    ProcessCalls.syscall(
                            state,
                            SystemCall.LANDLOCK_CREATE_RULESET,
                            attributes.address(),
                            size,
                            0,
                            0);
            FileDescriptor ruleset =
                    new FileDescriptor((int) require("landlock_create_ruleset", made, ""));
            try {
                MemorySegment rule = arena.allocate(RULE_SIZE, Long.BYTES);
                for (FileRule each : files) {
                    add(state, ruleset, rule, each, handled);
                }
                if (version >= TCP) {
                    bind.forEach(port -> add(state, ruleset, rule, BIND_TCP, port));
                    connect.forEach(port -> add(state, ruleset, rule, CONNECT_TCP, port));
                }
                long done =
                        ProcessCalls.syscall(
                                state,
                                SystemCall.LANDLOCK_RESTRICT_SELF,
                                ruleset.intValue(),
                                0,
                                0,
                                0);
                require("landlock_restrict_self", done, "");
            } finally {
                Descriptors.close(ruleset);
            }
        }
    }

    private static long fileRights(int version) {
        return FIRST_FILE_RIGHTS
                | (version >= REFER_VERSION ? REFER : 0)
                | (version >= TRUNCATE_VERSION ? TRUNCATE : 0)
                | (version >= IOCTL_DEV_VERSION ? IOCTL_DEV : 0);
    }

    private static void add(
            CallState state,
            FileDescriptor ruleset,
            MemorySegment rule,
            FileRule file,
            long handled) {
        FileDescriptor opened = open(state, file.path());
        try {
            long meant = Files.isDirectory(file.path()) ? -1 : OF_FILES;
            rule.set(JAVA_LONG, RULE_RIGHTS, file.access().rights() & handled & meant);
            rule.set(JAVA_INT, RULE_OBJECT, opened.intValue());
            add(state, ruleset, PATH_BENEATH, rule, "path=" + file.path());
        } finally {
            Descriptors.close(opened);
        }
    }

    private static void add(
            CallState state, FileDescriptor ruleset, MemorySegment rule, long right, int port) {
        rule.set(JAVA_LONG, RULE_RIGHTS, right);
        rule.set(JAVA_LONG, RULE_OBJECT, port);
        add(state, ruleset, NET_PORT, rule, "port=" + port);
    }

    private static void add(
            CallState state,
            FileDescriptor ruleset,
            int kind,
            MemorySegment rule,
            String arguments) {
        long done =
                ProcessCalls.syscall(
                        state,
                        SystemCall.LANDLOCK_ADD_RULE,
                        ruleset.intValue(),
                        kind,
                        rule.address(),
                        0);
        require("landlock_add_rule", done, arguments);
    }

    private static FileDescriptor open(CallState state, Path path) {
        try (Arena arena = Arena.ofConfined()) {
            long name = arena.allocateFrom(path.toString()).address();
            int fd = FileCalls.open(state, name, O_PATH | O_CLOEXEC, 0);
            return new FileDescriptor((int) require("open", fd, "path=" + path));
        }
    }

    private static long require(String call, long result, String arguments) {
        if (result < 0) {
            throw Descriptors.failure(call, result, arguments);
        }
        return result;
    }
}
