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
        SocketCalls.getsockopt(state, NO_FD, 0, 0, NOWHERE, NOWHERE);
        TimerCalls.timerfdCreate(state, NO_CLOCK, 0);
        TimerCalls.timerfdSettime(state, NO_FD, NOWHERE);
        MessageCalls.recvmsgPlain(state, NO_FD, NOWHERE, 0);
        MessageCalls.recvmsg(state, NO_FD, NOWHERE, 0);
        MessageCalls.sendPlain(state, NO_FD, NOWHERE, 0, 0);
        MessageCalls.send(state, NO_FD, NOWHERE, 0, 0);
        MessageCalls.sendmsg(state, NO_FD, NOWHERE, 0);
        SocketCalls.socketpair(state, domain, 0, NOWHERE);
        DescriptorCalls.fcntl(state, NO_FD, 0, 0);
    }

    private static void ofMemory(CallState state) {
        StatusCalls.statx(state, NO_FD, NOWHERE, 0, 0, NOWHERE);
        StatusCalls.fstatfs(state, NO_FD, NOWHERE);
        MappingCalls.getpagesize();
        MemoryFileCalls.memfdCreate(state, NOWHERE, NO_FLAGS);
        MappingCalls.mmap(state, NOWHERE, 0, 0, 0, NO_FD, 0);
        MappingCalls.munmap(state, NOWHERE, 0);
    }

    private static void ofInterrupts(CallState state) {
        EventCalls.eventfd(state, 0, NO_FLAGS);
        EventCalls.read(state, NO_FD, NOWHERE, 0);
        EventCalls.write(state, NO_FD, NOWHERE, 0);
        EventCalls.pollNow(state, NOWHERE, 0);
        RequestCalls.ioSubmitPlain(NOWHERE, NOWHERE);
        ProcessCalls.syscall(state, SystemCall.IO_SUBMIT, NOWHERE, 0, NOWHERE, 0);
    }
}
