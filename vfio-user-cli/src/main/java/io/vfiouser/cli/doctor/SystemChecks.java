package io.vfiouser.cli.doctor;

import io.netty.channel.epoll.Epoll;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.NativeCallException;
import io.vfiouser.os.SandboxSupport;
import io.vfiouser.os.SharedMemory;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/// The kernel, its limits, the Java runtime.
final class SystemChecks {
    private static final Pattern RELEASE = Pattern.compile("^(\\d+)\\.(\\d+)");
    private static final Pattern OPEN_FILES = Pattern.compile("Max open files\\s+\\S+\\s+(\\d+)");
    private static final Pattern NUMBER = Pattern.compile("^(\\d+)$");

    /// For signals without timers of the kernel's; older ones use those.
    private static final int EPOLL_PWAIT2_MAJOR = 5;

    private static final int EPOLL_PWAIT2_MINOR = 11;

    /// A listening socket, a connected one, and some interrupts.
    private static final int FILES_EACH = 4;

    private static final long FEW_FILES = 1 << 12;
    private static final long FEW_MAPPINGS = 1 << 16;

    private final ProcFiles proc;

    SystemChecks(ProcFiles proc) {
        this.proc = proc;
    }

    List<Finding> findings() {
        return List.of(
                kernel(),
                java(),
                epoll(),
                sharedMemory(),
                interrupts(EventFd.signalsNeverBlock()),
                sandbox(SandboxSupport.ofKernel()),
                openFiles(),
                mappings(),
                loops());
    }

    private Finding kernel() {
        String release = proc.text("sys/kernel/osrelease").orElse("unknown");
        var numbers = RELEASE.matcher(release);
        if (!numbers.find()) {
            return Finding.warn("kernel", release, "Linux 5.11 or later is expected");
        }
        int major = Integer.parseInt(numbers.group(1));
        int minor = Integer.parseInt(numbers.group(2));
        boolean recent =
                major > EPOLL_PWAIT2_MAJOR
                        || (major == EPOLL_PWAIT2_MAJOR && minor >= EPOLL_PWAIT2_MINOR);
        return recent
                ? Finding.ok("kernel", "Linux " + release)
                : Finding.warn(
                        "kernel", "Linux " + release, "5.11 or later has timers of microseconds");
    }

    private static Finding java() {
        String version =
                "%s, %s"
                        .formatted(
                                System.getProperty("java.version"),
                                System.getProperty("java.home"));
        return Finding.ok("java", version);
    }

    private static Finding epoll() {
        if (Epoll.isAvailable()) {
            return Finding.ok("epoll", "Netty's native transport is loaded");
        }
        return Finding.fail(
                "epoll",
                String.valueOf(Epoll.unavailabilityCause().getMessage()),
                "put netty-transport-native-epoll for this processor on the class path");
    }

    private static Finding sharedMemory() {
        try (SharedMemory memory = SharedMemory.create("doctor", 1)) {
            return Finding.ok("memfd", memory.size() + " byte made and given back");
        } catch (NativeCallException e) {
            return Finding.fail(
                    "memfd",
                    String.valueOf(e.getMessage()),
                    "let this process call memfd_create (a seccomp filter forbids it?)");
        }
    }

    static Finding interrupts(boolean neverBlock) {
        return neverBlock
                ? Finding.ok("interrupts", "signalled by the kernel, which no client can hold up")
                : Finding.warn(
                        "interrupts",
                        "written to eventfds: a hostile client could hold up its event loop",
                        "let this process call io_setup and io_submit, and raise fs.aio-max-nr");
    }

    static Finding sandbox(SandboxSupport support) {
        String seen =
                "Landlock %d%s%s, seccomp%s"
                        .formatted(
                                support.landlock(),
                                support.tcp() ? " with TCP ports" : "",
                                support.scopes() ? " and signals" : "",
                                support.seccomp() ? "" : " not there");
        return support.missing()
                .map(what -> Finding.warn("sandbox", seen, what + "; see --sandbox-best-effort"))
                .orElseGet(() -> Finding.ok("sandbox", seen));
    }

    private Finding openFiles() {
        OptionalLong limit = proc.number("self/limits", OPEN_FILES);
        if (limit.isEmpty()) {
            return Finding.ok("open files", "without limit");
        }
        String seen =
                "%,d, enough for some %,d devices with clients"
                        .formatted(limit.getAsLong(), limit.getAsLong() / FILES_EACH);
        return limit.getAsLong() < FEW_FILES
                ? Finding.warn(
                        "open files",
                        seen,
                        "for more devices raise the hard limit: LimitNOFILE= of the systemd unit,"
                                + " or nofile in /etc/security/limits.conf")
                : Finding.ok("open files", seen);
    }

    private Finding mappings() {
        OptionalLong limit = proc.number("sys/vm/max_map_count", NUMBER);
        if (limit.isEmpty()) {
            return Finding.warn("mappings", "unknown", "see vm.max_map_count");
        }
        String seen = "vm.max_map_count %,d".formatted(limit.getAsLong());
        return limit.getAsLong() < FEW_MAPPINGS
                ? Finding.warn(
                        "mappings",
                        seen,
                        "clients with many DMA regions need more: sysctl vm.max_map_count=262144")
                : Finding.ok("mappings", seen);
    }

    private static Finding loops() {
        int processors = Runtime.getRuntime().availableProcessors();
        return Finding.ok(
                "processors", processors + "; --event-loops takes up to as many with profit");
    }
}
