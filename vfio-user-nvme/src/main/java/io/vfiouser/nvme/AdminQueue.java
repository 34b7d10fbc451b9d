package io.vfiouser.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.OptionalInt;

/// The admin queues, one command at a time, and the Asynchronous Event Requests that wait in them.
/// May be used from any thread.
final class AdminQueue implements AutoCloseable {
    private static final int ENTRIES = 256;
    private static final int MAX_EVENT_REQUESTS = 8;
    private static final int DATA_SIZE = 2 * DmaPool.PAGE;
    private static final int PENDING = -1;

    private final QueuePair pair;
    private final DmaBuffer data;
    private final Registers registers;
    private final Duration timeout;
    private final Patience patience;
    private final BitSet eventRequests = new BitSet();
    private final Deque<Integer> events = new ArrayDeque<>();
    private int waitedFor = PENDING;
    private int status;
    private int result;

    AdminQueue(DmaPool pool, Doorbells doorbells, Registers registers, Duration timeout) {
        this.pair = new QueuePair(0, Math.min(ENTRIES, registers.maxEntries()), pool, doorbells);
        this.data = pool.allocate(DATA_SIZE);
        this.registers = registers;
        this.timeout = timeout;
        this.patience = new Patience(timeout);
    }

    /// Enables the controller with these queues.
    synchronized void enable() {
        registers.enable(pair.sqIova(), pair.cqIova(), pair.entries());
    }

    /// Runs a command without data.
    ///
    /// @return dword 0 of its completion
    /// @throws NvmeStatusException if the controller refuses it
    synchronized int run(String what, int opcode, int namespace, long dwords10, long pointer) {
        submit(opcode, namespace, pointer, 0, dwords10);
        if (status != 0) {
            throw new NvmeStatusException(what, status);
        }
        return result;
    }

    /// Runs Identify.
    ///
    /// @param cns what to identify
    /// @return 4096 bytes
    /// @throws NvmeStatusException if the controller refuses it
    MemorySegment identify(int cns, int namespace) {
        return read("Identify CNS 0x%02x".formatted(cns), Opcode.IDENTIFY, namespace, cns, 4096);
    }

    /// Runs Get Log Page.
    ///
    /// @param size bytes, a multiple of 4, at most 8192
    /// @throws NvmeStatusException if the controller refuses it
    MemorySegment log(int page, int namespace, int size) {
        long dwords = size / Integer.BYTES - 1L;
        return read(
                "Get Log Page 0x%02x".formatted(page),
                Opcode.GET_LOG_PAGE,
                namespace,
                dwords << Short.SIZE | page,
                size);
    }

    /// Has the controller tell of events, as many at a time as it takes.
    synchronized void requestEvents(int limit) {
        for (int i = 0; i < Math.min(limit, MAX_EVENT_REQUESTS); i++) {
            requestEvent();
        }
        pair.ring();
    }

    /// The oldest event that was not taken, as dword 0 of its completion has it.
    synchronized OptionalInt takeEvent() {
        pair.poll(this::completed);
        pair.ring();
        Integer event = events.poll();
        return event == null ? OptionalInt.empty() : OptionalInt.of(event);
    }

    @Override
    public synchronized void close() {
        pair.close();
        data.close();
    }

    private synchronized MemorySegment read(
            String what, int opcode, int namespace, long dwords10, int size) {
        data.segment().fill((byte) 0);
        long second = size > DmaPool.PAGE ? data.iova() + DmaPool.PAGE : 0;
        submit(opcode, namespace, data.iova(), second, dwords10);
        if (status != 0) {
            throw new NvmeStatusException(what, status);
        }
        return MemorySegment.ofArray(
                data.segment().asSlice(0, size).toArray(ValueLayout.JAVA_BYTE));
    }

    private void submit(int opcode, int namespace, long first, long second, long dwords10) {
        waitedFor = pair.submit(opcode, namespace, first, second, dwords10, 0);
        pair.ring();
        patience.begin();
        while (waitedFor != PENDING) {
            if (pair.poll(this::completed) == 0 && !patience.pause()) {
                throw new ControllerException(
                        "admin command 0x%02x: no completion in %s (expected: one; the controller %s)"
                                .formatted(
                                        opcode,
                                        timeout,
                                        registers.isFatal() ? "has met a fatal error" : "is up"));
            }
        }
    }

    private void completed(int commandId, int status, int result) {
        if (commandId == waitedFor) {
            waitedFor = PENDING;
            this.status = status;
            this.result = result;
        } else if (eventRequests.get(commandId)) {
            eventRequests.clear(commandId);
            if (status == 0) {
                events.add(result);
                requestEvent();
                pair.ring();
            }
        }
    }

    private void requestEvent() {
        eventRequests.set(pair.submit(Opcode.ASYNC_EVENT_REQUEST, 0, 0, 0, 0, 0));
    }
}
