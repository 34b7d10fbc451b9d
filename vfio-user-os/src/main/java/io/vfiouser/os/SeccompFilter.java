package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// A program for the kernel that decides about each system call: what is not refused is allowed.
///
/// Calls by another architecture's numbers end the process. The kernel finds calls that are always
/// allowed without running the program (Linux 5.11), so that it costs next to nothing.
final class SeccompFilter {
    private static final int LOAD = 0x20;
    private static final int IF_EQUAL = 0x15;
    private static final int IF_AT_LEAST = 0x35;
    private static final int IF_ANY_BIT = 0x45;
    private static final int RETURN = 0x06;

    // struct seccomp_data; of the arguments, which have 64 bits, the lower half.
    private static final int NUMBER = 0;
    private static final int ARCHITECTURE = 4;
    private static final int FIRST_ARGUMENT = 16;
    private static final int SECOND_ARGUMENT = 24;

    private static final int ALLOW = 0x7fff0000;
    private static final int REFUSE = 0x00050000;
    private static final int KILL_PROCESS = 0x80000000;

    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
    private static final int THIS_ARCHITECTURE = ARM ? 0xc00000b7 : 0xc000003e;
    private static final int X32_NUMBERS = 0x40000000;

    private static final int NEW_NAMESPACES = 0x7e020000;
    private static final int[] SOCKET_FAMILIES = {1, 2, 10, 16};
    private static final int[] TERMINAL_INPUT = {0x5412, 0x541c};

    private static final int SET_MODE_FILTER = 1;
    private static final int ALL_THREADS = 1;
    private static final int SET_NO_NEW_PRIVS = 38;
    private static final int INSTRUCTION_SIZE = 8;
    private static final int PROGRAM_SIZE = 16;

    private final List<Instruction> program = new ArrayList<>();

    private record Instruction(int code, int ifTrue, int ifFalse, int operand) {}

    private SeccompFilter() {
        program.add(new Instruction(LOAD, 0, 0, ARCHITECTURE));
        program.add(new Instruction(IF_EQUAL, 1, 0, THIS_ARCHITECTURE));
        end(KILL_PROCESS);
        program.add(new Instruction(LOAD, 0, 0, NUMBER));
        if (!ARM) {
            program.add(new Instruction(IF_AT_LEAST, 0, 1, X32_NUMBERS));
            end(REFUSE | Errno.ENOSYS.number());
        }
    }

    /// For device servers: see [SystemCall#FORBIDDEN]; besides no new namespaces, only the socket
    /// families UNIX, IPv4, IPv6 and netlink, no characters put into a terminal's input.
    static SeccompFilter ofServers() {
        var filter = new SeccompFilter();
        SystemCall.FORBIDDEN.forEach(call -> filter.refuse(call, Errno.EPERM.number()));
        // Its flags are in memory, where a filter cannot look; the C library then uses clone.
        filter.refuse(SystemCall.CLONE3, Errno.ENOSYS.number());
        filter.namespaces();
        filter.terminals();
        filter.sockets();
        filter.end(ALLOW);
        return filter;
    }

    /// Only that no other program is started.
    static SeccompFilter ofPrograms() {
        var filter = new SeccompFilter();
        filter.refuse(SystemCall.EXECVE, Errno.EPERM.number());
        filter.refuse(SystemCall.EXECVEAT, Errno.EPERM.number());
        filter.end(ALLOW);
        return filter;
    }

    /// Keeps the calling thread and all that comes from it from gaining privileges by starting
    /// programs, for good.
    static void forbidNewPrivileges(CallState state) {
        long done = ProcessCalls.syscall(state, SystemCall.PRCTL, SET_NO_NEW_PRIVS, 1, 0, 0);
        if (done < 0) {
            throw Descriptors.failure("prctl", done, "PR_SET_NO_NEW_PRIVS");
        }
    }

    /// Puts it in force for the calling thread and all that comes from it, for good.
    ///
    /// @throws NativeCallException with EACCES without [#forbidNewPrivileges], ENOSYS or EINVAL if
    ///   the kernel was built without
    void install(CallState state) {
        install(state, 0);
    }

    /// Puts it in force for all threads of the process.
    void installForAllThreads(CallState state) {
        install(state, ALL_THREADS);
    }

    private void install(CallState state, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment code =
                    arena.allocate((long) program.size() * INSTRUCTION_SIZE, Long.BYTES);
            for (int i = 0; i < program.size(); i++) {
                write(program.get(i), code.asSlice((long) i * INSTRUCTION_SIZE));
            }
            MemorySegment whole = arena.allocate(PROGRAM_SIZE, Long.BYTES);
            whole.set(JAVA_SHORT, 0, (short) program.size());
            whole.set(JAVA_LONG, Long.BYTES, code.address());
            long done =
                    ProcessCalls.syscall(
                            state, SystemCall.SECCOMP, SET_MODE_FILTER, flags, whole.address(), 0);
            // With ALL_THREADS a positive number is that of a thread that has other filters.
            if (done != 0) {
                throw Descriptors.failure(
                        "seccomp",
                        done < 0 ? done : -Errno.ESRCH.number(),
                        "SECCOMP_SET_MODE_FILTER, flags=0x" + Integer.toHexString(flags));
            }
        }
    }

    private static void write(Instruction instruction, MemorySegment into) {
        into.set(JAVA_SHORT, 0, (short) instruction.code());
        into.set(JAVA_BYTE, 2, (byte) instruction.ifTrue());
        into.set(JAVA_BYTE, 3, (byte) instruction.ifFalse());
        into.set(JAVA_INT, 4, instruction.operand());
    }

    private void refuse(SystemCall call, int errno) {
        if (call.number() >= 0) {
            program.add(new Instruction(IF_EQUAL, 0, 1, call.number()));
            end(REFUSE | errno);
        }
    }

    private void namespaces() {
        program.add(new Instruction(IF_EQUAL, 0, 4, SystemCall.CLONE.number()));
        program.add(new Instruction(LOAD, 0, 0, FIRST_ARGUMENT));
        program.add(new Instruction(IF_ANY_BIT, 0, 1, NEW_NAMESPACES));
        end(REFUSE | Errno.EPERM.number());
        end(ALLOW);
    }

    private void terminals() {
        program.add(
                new Instruction(IF_EQUAL, 0, TERMINAL_INPUT.length + 3, SystemCall.IOCTL.number()));
        program.add(new Instruction(LOAD, 0, 0, SECOND_ARGUMENT));
        for (int i = 0; i < TERMINAL_INPUT.length; i++) {
            program.add(new Instruction(IF_EQUAL, TERMINAL_INPUT.length - i, 0, TERMINAL_INPUT[i]));
        }
        end(ALLOW);
        end(REFUSE | Errno.EPERM.number());
    }

    private void sockets() {
        program.add(
                new Instruction(
                        IF_EQUAL, 0, SOCKET_FAMILIES.length + 3, SystemCall.SOCKET.number()));
        program.add(new Instruction(LOAD, 0, 0, FIRST_ARGUMENT));
        for (int i = 0; i < SOCKET_FAMILIES.length; i++) {
            program.add(
                    new Instruction(IF_EQUAL, SOCKET_FAMILIES.length - i, 0, SOCKET_FAMILIES[i]));
        }
        end(REFUSE | Errno.EAFNOSUPPORT.number());
        end(ALLOW);
    }

    private void end(int verdict) {
        program.add(new Instruction(RETURN, 0, 0, verdict));
    }
}
