package io.vfiouser.os;

/// Makes each call of the C library that clients, their memory and their interrupts need once, in
/// vain: without a descriptor, so that nothing is opened or changed and the kernel refuses it.
///
/// The first use of a call links it and the method handle's invoker, which takes the JVM
/// milliseconds each; the first client would wait for them.
final class FirstCalls {
    private static final int NO_FD = -1;
    private static final int NO_CLOCK = -1;
    private static final int NO_FLAGS = -1;
    private static final long NOWHERE = 0;

    private FirstCalls() {}

    static void make() {
        CallState state = CallState.current();
        ofConnections(state);
        ofMemory(state);
        ofInterrupts(state);
    }

    private static void ofConnections(CallState state) {
        int domain = NO_FLAGS;
        Libc.getsockopt(state, NO_FD, 0, 0, NOWHERE, NOWHERE);
        Libc.timerfdCreate(state, NO_CLOCK, 0);
        Libc.timerfdSettime(state, NO_FD, NOWHERE);
        Libc.recvmsgPlain(state, NO_FD, NOWHERE, 0);
        Libc.recvmsg(state, NO_FD, NOWHERE, 0);
        Libc.sendPlain(state, NO_FD, NOWHERE, 0, 0);
        Libc.send(state, NO_FD, NOWHERE, 0, 0);
        Libc.sendmsg(state, NO_FD, NOWHERE, 0);
        Libc.socketpair(state, domain, 0, NOWHERE);
        Libc.fcntl(state, NO_FD, 0, 0);
    }

    private static void ofMemory(CallState state) {
        Libc.statx(state, NO_FD, NOWHERE, 0, 0, NOWHERE);
        Libc.fstatfs(state, NO_FD, NOWHERE);
        Libc.getpagesize();
        Libc.memfdCreate(state, NOWHERE, NO_FLAGS);
        Libc.mmap(state, NOWHERE, 0, 0, 0, NO_FD, 0);
        Libc.munmap(state, NOWHERE, 0);
    }

    private static void ofInterrupts(CallState state) {
        Libc.eventfd(state, 0, NO_FLAGS);
        Libc.read(state, NO_FD, NOWHERE, 0);
        Libc.write(state, NO_FD, NOWHERE, 0);
        Libc.pollNow(state, NOWHERE, 0);
        Libc.ioSubmitPlain(NOWHERE, NOWHERE);
        Libc.syscall(state, SystemCall.IO_SUBMIT, NOWHERE, 0, NOWHERE, 0);
    }
}
