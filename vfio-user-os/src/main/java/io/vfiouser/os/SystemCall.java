package io.vfiouser.os;

import java.util.EnumSet;
import java.util.Set;

/// System calls by number, which those need that have no function in the C library, and filters.
enum SystemCall {
    // Used here.
    PRCTL(157, 167),
    SECCOMP(317, 277),
    CAPGET(125, 90),
    SETGROUPS(116, 159),
    SETRESGID(119, 149),
    SETRESUID(117, 147),
    LANDLOCK_CREATE_RULESET(444, 444),
    LANDLOCK_ADD_RULE(445, 445),
    LANDLOCK_RESTRICT_SELF(446, 446),
    EXECVE(59, 221),
    EXECVEAT(322, 281),
    CLONE(56, 220),
    CLONE3(435, 435),
    SOCKET(41, 198),
    IOCTL(16, 29),
    IO_SETUP(206, 0),
    IO_SUBMIT(209, 2),

    // Other processes.
    PTRACE(101, 117),
    PROCESS_VM_READV(310, 270),
    PROCESS_VM_WRITEV(311, 271),
    PROCESS_MADVISE(440, 440),
    PIDFD_GETFD(438, 438),
    KCMP(312, 272),

    // Mounts and namespaces.
    MOUNT(165, 40),
    UMOUNT2(166, 39),
    PIVOT_ROOT(155, 41),
    CHROOT(161, 51),
    MOVE_MOUNT(429, 429),
    OPEN_TREE(428, 428),
    FSOPEN(430, 430),
    FSCONFIG(431, 431),
    FSMOUNT(432, 432),
    FSPICK(433, 433),
    MOUNT_SETATTR(442, 442),
    UNSHARE(272, 97),
    SETNS(308, 268),

    // The kernel itself.
    BPF(321, 280),
    PERF_EVENT_OPEN(298, 241),
    KEXEC_LOAD(246, 104),
    KEXEC_FILE_LOAD(320, 294),
    INIT_MODULE(175, 105),
    FINIT_MODULE(313, 273),
    DELETE_MODULE(176, 106),
    REBOOT(169, 142),
    SYSLOG(103, 116),
    SWAPON(167, 224),
    SWAPOFF(168, 225),
    ACCT(163, 89),
    QUOTACTL(179, 60),
    QUOTACTL_FD(443, 443),
    LOOKUP_DCOOKIE(212, 18),

    // Keys, faults, rings: much code that a device server does not need.
    KEYCTL(250, 219),
    ADD_KEY(248, 217),
    REQUEST_KEY(249, 218),
    USERFAULTFD(323, 282),
    IO_URING_SETUP(425, 425),
    IO_URING_ENTER(426, 426),
    IO_URING_REGISTER(427, 427),

    // The machine's clock and names.
    SETTIMEOFDAY(164, 170),
    CLOCK_SETTIME(227, 112),
    ADJTIMEX(159, 171),
    CLOCK_ADJTIME(305, 266),
    SETHOSTNAME(170, 161),
    SETDOMAINNAME(171, 162),

    // Whom the process is.
    SETUID(105, 146),
    SETGID(106, 144),
    SETREUID(113, 145),
    SETREGID(114, 143),
    SETFSUID(122, 151),
    SETFSGID(123, 152),
    CAPSET(126, 91),

    // Files by handle, device files.
    OPEN_BY_HANDLE_AT(304, 265),
    NAME_TO_HANDLE_AT(303, 264),
    MKNOD(133, -1),
    MKNODAT(259, 33),
    FANOTIFY_INIT(300, 262),

    // Hardware and old modes.
    IOPL(172, -1),
    IOPERM(173, -1),
    MODIFY_LDT(154, -1),
    PERSONALITY(135, 92),
    VHANGUP(153, 58),
    MIGRATE_PAGES(256, 238);

    /// What no process behind a sandbox may call, whatever the arguments.
    static final Set<SystemCall> FORBIDDEN = forbidden();

    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");

    private final int onX86;
    private final int onArm;

    /// @param onX86 its number on x86-64
    /// @param onArm its number on 64-bit ARM; -1 if it has none
    SystemCall(int onX86, int onArm) {
        this.onX86 = onX86;
        this.onArm = onArm;
    }

    /// Its number on this machine; -1 if there is none.
    int number() {
        return ARM ? onArm : onX86;
    }

    private static Set<SystemCall> forbidden() {
        Set<SystemCall> all = EnumSet.range(PTRACE, MIGRATE_PAGES);
        all.addAll(EnumSet.of(SETGROUPS, SETRESGID, SETRESUID));
        return all;
    }
}
