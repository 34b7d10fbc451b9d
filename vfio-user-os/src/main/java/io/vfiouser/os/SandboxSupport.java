package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.util.Optional;

/// What the kernel offers for a [Sandbox].
///
/// @param landlock the version of Landlock, 0 if there is none
/// @param why why there is no Landlock, and what to do; empty if there is
/// @param seccomp whether system calls can be filtered
public record SandboxSupport(int landlock, String why, boolean seccomp) {
    private static final int GET_ACTION_AVAIL = 2;
    private static final int NO_FLAGS = 0;
    private static final int KILL_PROCESS = 0x80000000;

    /// What the running kernel has.
    public static SandboxSupport ofKernel() {
        CallState state = CallState.current();
        int version = Landlock.version(state);
        state.memory().set(JAVA_INT, 0, KILL_PROCESS);
        long filters =
                ProcessCalls.syscall(
                        state,
                        SystemCall.SECCOMP,
                        GET_ACTION_AVAIL,
                        NO_FLAGS,
                        state.memory().address(),
                        0);
        return new SandboxSupport(
                Math.max(0, version), version > 0 ? "" : why(-version), filters == 0);
    }

    /// Whether TCP ports can be restricted.
    public boolean tcp() {
        return landlock >= Landlock.TCP;
    }

    /// Whether signals and abstract sockets to outside can be refused.
    public boolean scopes() {
        return landlock >= Landlock.SCOPES;
    }

    /// What a whole sandbox needs and this kernel lacks; empty if nothing.
    public Optional<String> missing() {
        if (landlock == 0) {
            return Optional.of("Landlock: " + why);
        }
        if (!tcp()) {
            return Optional.of(
                    "Landlock: version %d (expected: %d or later, Linux 6.7, for TCP ports)"
                            .formatted(landlock, Landlock.TCP));
        }
        return seccomp
                ? Optional.empty()
                : Optional.of("seccomp: not there (expected: a kernel with CONFIG_SECCOMP_FILTER)");
    }

    static String why(int errno) {
        return errno == Errno.ENOTSUP.number()
                ? "switched off (expected: landlock in the list of the kernel parameter lsm=)"
                : "not there (expected: Linux 5.13 or later with CONFIG_SECURITY_LANDLOCK)";
    }
}
