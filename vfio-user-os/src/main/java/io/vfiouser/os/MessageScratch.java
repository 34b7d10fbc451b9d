package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.netty.util.concurrent.FastThreadLocal;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The structures that `recvmsg` and `sendmsg` want, set up once and shared by all sockets of a
/// thread, so that a call allocates nothing.
///
/// Laid out in one block: the header and the iovec for receiving, the header and the iovecs for
/// sending, then the room for control data that both use.
final class MessageScratch {
    /// Most parts that one send gathers.
    static final int MAX_IOVECS = 64;

    /// Most descriptors that Linux lets travel with one message (`SCM_MAX_FD`).
    static final int MAX_DESCRIPTORS = 253;

    private static final int RECEIVE_HEADER = 0;
    private static final int RECEIVE_IOVEC = 64;
    private static final int SEND_HEADER = 80;
    private static final int SEND_IOVECS = 136;
    private static final int CONTROL = SEND_IOVECS + MAX_IOVECS * StructLayouts.IOVEC_SIZE;
    private static final int SIZE = CONTROL + (int) ControlData.space(MAX_DESCRIPTORS);

    private static final FastThreadLocal<MessageScratch> CURRENT =
            new FastThreadLocal<>() {
                @Override
                protected MessageScratch initialValue() {
                    return new MessageScratch();
                }
            };

    private final CallState state = CallState.current();
    private final MemorySegment block = Arena.ofAuto().allocate(SIZE, Long.BYTES);
    private final long address = block.address();

    private MessageScratch() {
        setLong(RECEIVE_HEADER + StructLayouts.MSGHDR_IOVECS, address + RECEIVE_IOVEC);
        setLong(RECEIVE_HEADER + StructLayouts.MSGHDR_IOVEC_COUNT, 1);
        setLong(RECEIVE_HEADER + StructLayouts.MSGHDR_CONTROL, address + CONTROL);
        setLong(SEND_HEADER + StructLayouts.MSGHDR_IOVECS, address + SEND_IOVECS);
        setLong(SEND_HEADER + StructLayouts.MSGHDR_CONTROL, address + CONTROL);
    }

    /// The scratch of the calling thread.
    static MessageScratch current() {
        return CURRENT.get();
    }

    CallState state() {
        return state;
    }

    /// Sets up the header for receiving and returns its address.
    long armReceive(long into, long size, long controlSpace) {
        setLong(RECEIVE_IOVEC + StructLayouts.IOVEC_BASE, into);
        setLong(RECEIVE_IOVEC + StructLayouts.IOVEC_LENGTH, size);
        setLong(RECEIVE_HEADER + StructLayouts.MSGHDR_CONTROL_LENGTH, controlSpace);
        return address + RECEIVE_HEADER;
    }

    /// Bytes of control data that the last receive brought.
    long receivedControlLength() {
        return block.get(JAVA_LONG, RECEIVE_HEADER + StructLayouts.MSGHDR_CONTROL_LENGTH);
    }

    /// The flags that the last receive returned.
    int receivedFlags() {
        return block.get(JAVA_INT, RECEIVE_HEADER + StructLayouts.MSGHDR_FLAGS);
    }

    /// Puts one part in its place for the next send, or for a `preadv`.
    void setPart(int index, long from, long size) {
        int iovec = SEND_IOVECS + index * StructLayouts.IOVEC_SIZE;
        setLong(iovec + StructLayouts.IOVEC_BASE, from);
        setLong(iovec + StructLayouts.IOVEC_LENGTH, size);
    }

    /// The address of the parts, for calls other than `sendmsg`.
    long parts() {
        return address + SEND_IOVECS;
    }

    /// Sets up the header for sending the first parts and returns its address.
    long armSend(int partCount, long controlLength) {
        setLong(SEND_HEADER + StructLayouts.MSGHDR_IOVEC_COUNT, partCount);
        setLong(SEND_HEADER + StructLayouts.MSGHDR_CONTROL_LENGTH, controlLength);
        return address + SEND_HEADER;
    }

    /// The room for control data.
    MemorySegment control() {
        return block.asSlice(CONTROL);
    }

    private void setLong(long offset, long value) {
        block.set(JAVA_LONG, offset, value);
    }
}
