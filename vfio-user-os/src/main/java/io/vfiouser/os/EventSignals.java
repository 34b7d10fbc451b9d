package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.netty.channel.unix.FileDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/// Adds to eventfds without ever blocking, whatever others do to them meanwhile.
///
/// A `write` to a full eventfd blocks unless the open file has `O_NONBLOCK`, which whoever shares
/// it can take away at any time. The kernel itself adds to an eventfd, without waiting, when an
/// asynchronous request ends that names it. So we ask for a read of nothing, which ends within the
/// call that asks; its result is dropped. Where the kernel has no asynchronous requests, or has
/// given all of them away (`fs.aio-max-nr`), there are none here.
///
/// Any thread may signal. There are several queues of requests, so that event loops seldom use the
/// same one.
final class EventSignals {
    private static final int MOST_QUEUES = 16;
    private static final int OPERATION_READ = 0;
    private static final int SIGNAL_EVENTFD = 1;

    /// Behind the request, in the thread's memory: its address.
    private static final int REQUESTS = StructLayouts.IOCB_SIZE;

    /// As many results as there may be threads in the middle of a signal, at least.
    private static final int DEPTH = 256;

    private static final int ATTEMPTS = 1000;
    private static final VarHandle INT = JAVA_INT.varHandle();
    private static final List<EventSignals> QUEUES = queues();

    private final long context;
    private final MemorySegment ring;

    private EventSignals(long context) {
        this.context = context;
        this.ring = ring(context);
    }

    /// Whether eventfds can be signalled here.
    static boolean areAvailable() {
        return !QUEUES.isEmpty();
    }

    /// Adds 1 to the counter of an eventfd; one that is full stays so.
    ///
    /// @throws NativeCallException if it is not an eventfd
    static void signal(FileDescriptor eventFd) {
        int queue = (int) (Thread.currentThread().threadId() % QUEUES.size());
        QUEUES.get(queue).submit(eventFd.intValue());
    }

    private void submit(int eventFd) {
        CallState state = CallState.current();
        MemorySegment memory = state.memory();
        writeRequest(memory, eventFd);
        long requests = memory.address() + REQUESTS;
        long taken = RequestCalls.ioSubmitPlain(context, requests);
        for (int i = 0; taken != 1; i++) {
            dropResults();
            taken = ProcessCalls.syscall(state, SystemCall.IO_SUBMIT, context, 1, requests, 0);
            if (taken != 1 && (taken != -Errno.EAGAIN.number() || i >= ATTEMPTS)) {
                throw Descriptors.failure("io_submit", taken, "eventfd=" + eventFd);
            }
        }
        dropResults();
    }

    private static void writeRequest(MemorySegment memory, int eventFd) {
        memory.set(JAVA_LONG, StructLayouts.IOCB_DATA, 0);
        memory.set(JAVA_LONG, StructLayouts.IOCB_KEY, 0);
        memory.set(JAVA_INT, StructLayouts.IOCB_OPERATION, OPERATION_READ);
        memory.set(JAVA_INT, StructLayouts.IOCB_FILE, Tombstone.emptyFile().intValue());
        memory.set(JAVA_LONG, StructLayouts.IOCB_BUFFER, 0);
        memory.set(JAVA_LONG, StructLayouts.IOCB_LENGTH, 0);
        memory.set(JAVA_LONG, StructLayouts.IOCB_OFFSET, 0);
        memory.set(JAVA_LONG, StructLayouts.IOCB_RESERVED, 0);
        memory.set(JAVA_INT, StructLayouts.IOCB_FLAGS, SIGNAL_EVENTFD);
        memory.set(JAVA_INT, StructLayouts.IOCB_EVENTFD, eventFd);
        memory.set(JAVA_LONG, REQUESTS, memory.address());
    }

    /// The results are in memory that the kernel shares with us: so far they have come, so far we
    /// have seen them. Another thread may be about to say the same; an older place does no harm.
    private void dropResults() {
        int tail = (int) INT.getAcquire(ring, (long) StructLayouts.AIO_RING_TAIL);
        INT.setRelease(ring, (long) StructLayouts.AIO_RING_HEAD, tail);
    }

    private static List<EventSignals> queues() {
        int wanted = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MOST_QUEUES);
        CallState state = CallState.current();
        MemorySegment memory = state.memory();
        var queues = new ArrayList<EventSignals>();
        for (int i = 0; i < wanted; i++) {
            memory.set(JAVA_LONG, 0, 0);
            if (ProcessCalls.syscall(state, SystemCall.IO_SETUP, DEPTH, memory.address(), 0, 0)
                    < 0) {
                break;
            }
            queues.add(new EventSignals(memory.get(JAVA_LONG, 0)));
        }
        return List.copyOf(queues);
    }

    @SuppressWarnings("restricted") // the kernel's name for a queue is where it has mapped its ring
    private static MemorySegment ring(long context) {
        return MemorySegment.ofAddress(context).reinterpret(StructLayouts.AIO_RING_SIZE);
    }
}
