package io.vfiouser.os;

import io.netty.buffer.ByteBuf;
import io.netty.channel.unix.FileDescriptor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;

/// Bytes with descriptors over a connected `AF_UNIX` stream socket: `recvmsg` and `sendmsg`.
///
/// Never blocks, whatever the socket's own mode. Each call makes one system call (again only after
/// a signal) and leaves no garbage, unless descriptors arrive or a buffer is not direct memory.
/// Used by one thread at a time. The socket stays with whoever made it: this class does not close
/// it.
public final class MessageSocket {
    /// Most buffers that one send gathers.
    public static final int MAX_GATHER = MessageScratch.MAX_IOVECS;

    /// Most descriptors that one send takes.
    public static final int MAX_DESCRIPTORS = MessageScratch.MAX_DESCRIPTORS;

    private static final int MSG_CTRUNC = 0x8;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;

    private final FileDescriptor socket;
    private final int controlDescriptors;
    private FdBundle received = FdBundle.empty();

    /// System calls to receive or send messages that the calling thread has made so far, those that
    /// brought nothing too: what an access costs, to be watched by tests and tools.
    public static long callsOfCurrentThread() {
        return CallState.current().messageCalls();
    }

    /// Works on `socket`, which stays the caller's.
    ///
    /// @param socket a connected stream socket; must outlive the use of this object
    public MessageSocket(FileDescriptor socket) {
        this(socket, MAX_DESCRIPTORS);
    }

    /// With room for fewer descriptors, to see what happens when there are more.
    MessageSocket(FileDescriptor socket, int controlDescriptors) {
        this.socket = socket;
        this.controlDescriptors = controlDescriptors;
    }

    /// Reads what is there into the writable bytes of `into` and moves its writer index.
    ///
    /// The kernel ends a read after the part that carried descriptors, so fewer bytes than asked
    /// for mean either an empty socket or descriptors in [#received()]. Descriptors of the read
    /// before that nobody fetched are closed.
    ///
    /// @param into must have at least one writable byte
    /// @return the bytes read, -1 if there is nothing now, 0 at the end of the stream; also if the
    ///   peer went without reading everything, which [#poll] tells apart
    /// @throws NativeCallException if the connection is broken
    /// @throws TruncatedControlDataException if descriptors were lost; those that came are closed
    public int receive(ByteBuf into) {
        return receive(into, false);
    }

    /// As [#receive(ByteBuf)], for a socket that mostly has nothing: it then costs one system call,
    /// where `receive`, which is cheaper when something is there, makes two.
    ///
    /// @throws NativeCallException if the connection is broken, with ECONNRESET once if the peer
    ///   went without reading everything
    public int poll(ByteBuf into) {
        return receive(into, true);
    }

    private int receive(ByteBuf into, boolean mostlyEmpty) {
        closeUnfetched();
        int room = into.writableBytes();
        if (room == 0) {
            throw new IllegalArgumentException("into: no writable bytes (expected: at least 1)");
        }
        int at = into.writerIndex();
        if (!isDirect(into)) {
            return receiveByCopy(into, room);
        }
        int count = receive(address(into, at, room), room, mostlyEmpty);
        if (count > 0) {
            into.writerIndex(at + count);
        }
        return count;
    }

    /// The descriptors of the last [#receive(ByteBuf)], which become the caller's; empty if none
    /// came or they were fetched before.
    public FdBundle received() {
        FdBundle bundle = received;
        received = FdBundle.empty();
        return bundle;
    }

    /// Whether descriptors came that [#received()] would return.
    public boolean hasReceived() {
        return !received.isEmpty();
    }

    /// Sends the readable bytes of one buffer, with descriptors on the first of them.
    ///
    /// @param bytes its reader index stays where it is
    /// @param descriptors stay the caller's; sent whole if any byte was; need at least one byte
    /// @return the bytes sent, fewer than asked for if the peer's queue filled up; -1 if it is full
    /// @throws NativeCallException if the connection is broken, mostly EPIPE or ECONNRESET
    public long send(ByteBuf bytes, FdBundle descriptors) {
        int size = bytes.readableBytes();
        if (!isDirect(bytes)) {
            return sendParts(new ByteBuf[] {bytes}, 1, descriptors);
        }
        long from = address(bytes, bytes.readerIndex(), size);
        if (descriptors.isEmpty()) {
            return size == 0 ? 0 : sendPlain(from, size);
        }
        MessageScratch scratch = MessageScratch.current();
        scratch.setPart(0, from, size);
        return send(scratch, 1, size, descriptors);
    }

    /// Sends the readable bytes of several buffers in one go, with descriptors on the first byte.
    ///
    /// @param buffers their reader indexes stay where they are
    /// @param count how many of `buffers` to send, from the first on; those beyond [#MAX_GATHER]
    ///   parts are left for the next call
    /// @param descriptors stay the caller's; sent whole if any byte was; need at least one byte
    /// @return the bytes sent, fewer than asked for if the peer's queue filled up; -1 if it is full
    /// @throws NativeCallException if the connection is broken, mostly EPIPE or ECONNRESET
    public long send(ByteBuf[] buffers, int count, FdBundle descriptors) {
        MessageScratch scratch = MessageScratch.current();
        int parts = Math.min(count, MAX_GATHER);
        long total = 0;
        for (int i = 0; i < parts; i++) {
            ByteBuf buffer = buffers[i];
            if (!isDirect(buffer)) {
                return sendParts(buffers, count, descriptors);
            }
            int size = buffer.readableBytes();
            scratch.setPart(i, address(buffer, buffer.readerIndex(), size), size);
            total += size;
        }
        return send(scratch, parts, total, descriptors);
    }

    /// A call that failed took nothing, so it is made again to learn why. What it met may be over
    /// by then: the peer may have sent or closed in between, and that it went without reading
    /// everything is told once only.
    private int receive(long into, int size, boolean mostlyEmpty) {
        MessageScratch scratch = MessageScratch.current();
        long space = ControlData.space(controlDescriptors);
        long count = -1;
        if (!mostlyEmpty) {
            long header = scratch.armReceive(into, size, space);
            count =
                    MessageCalls.recvmsgPlain(
                            scratch.state(), openSocket(), header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        }
        while (count < 0) {
            long header = scratch.armReceive(into, size, space);
            count =
                    MessageCalls.recvmsg(
                            scratch.state(), openSocket(), header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
            if (count < 0 && count != -Errno.EINTR.number()) {
                return outcome("recvmsg", count);
            }
        }
        if (scratch.receivedControlLength() != 0 || (scratch.receivedFlags() & MSG_CTRUNC) != 0) {
            fetchDescriptors(scratch);
        }
        return (int) count;
    }

    private int receiveByCopy(ByteBuf into, int room) {
        ByteBuf direct = into.alloc().directBuffer(room, room);
        try {
            int count = receive(address(direct, 0, room), room, false);
            if (count > 0) {
                into.writeBytes(direct.writerIndex(count));
            }
            return count;
        } finally {
            direct.release();
        }
    }

    private void fetchDescriptors(MessageScratch scratch) {
        List<FileDescriptor> descriptors =
                ControlData.read(scratch.control(), scratch.receivedControlLength());
        FdBundle bundle = FdBundle.ofOwned(descriptors);
        if ((scratch.receivedFlags() & MSG_CTRUNC) != 0) {
            bundle.close();
            throw new TruncatedControlDataException(descriptors.size(), controlDescriptors);
        }
        received = bundle;
    }

    private long sendParts(ByteBuf[] buffers, int count, FdBundle descriptors) {
        MessageScratch scratch = MessageScratch.current();
        try (var copies = new DirectCopies()) {
            int parts = 0;
            long total = 0;
            for (int i = 0; i < count && copies.hasRoom(); i++) {
                ByteBuffer[] pieces = copies.direct(buffers[i]);
                if (pieces.length > MAX_GATHER - parts) {
                    break;
                }
                for (ByteBuffer piece : pieces) {
                    scratch.setPart(
                            parts++, MemorySegment.ofBuffer(piece).address(), piece.remaining());
                    total += piece.remaining();
                }
            }
            return send(scratch, parts, total, descriptors);
        }
    }

    /// Without the header of `sendmsg`, which the kernel would have to read first.
    private long sendPlain(long from, int size) {
        CallState state = CallState.current();
        long count =
                MessageCalls.sendPlain(
                        state, openSocket(), from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count >= 0) {
            return count;
        }
        do {
            count = MessageCalls.send(state, openSocket(), from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        } while (count == -Errno.EINTR.number());
        return count < 0 ? outcome("send", count) : count;
    }

    private long send(MessageScratch scratch, int parts, long total, FdBundle descriptors) {
        if (total == 0) {
            if (!descriptors.isEmpty()) {
                throw new IllegalArgumentException(
                        "bytes: 0 (expected: at least 1 to carry descriptors)");
            }
            return 0;
        }
        long header = scratch.armSend(parts, controlLength(scratch, descriptors));
        long count;
        do {
            count =
                    MessageCalls.sendmsg(
                            scratch.state(), openSocket(), header, MSG_DONTWAIT | MSG_NOSIGNAL);
        } while (count == -Errno.EINTR.number());
        return count < 0 ? outcome("sendmsg", count) : count;
    }

    private static long controlLength(MessageScratch scratch, FdBundle descriptors) {
        if (descriptors.isEmpty()) {
            return 0;
        }
        if (descriptors.count() > MAX_DESCRIPTORS) {
            throw new IllegalArgumentException(
                    "descriptors: "
                            + descriptors.count()
                            + " (expected: at most "
                            + MAX_DESCRIPTORS
                            + " in one message)");
        }
        return ControlData.write(scratch.control(), descriptors);
    }

    private int outcome(String call, long result) {
        if (result == -Errno.EAGAIN.number()) {
            return -1;
        }
        throw Descriptors.failure(call, result, "fd=" + socket.intValue());
    }

    /// The number of a closed socket may already be someone else's, so it is never used.
    private int openSocket() {
        if (!socket.isOpen()) {
            throw new NativeCallException("socket", Errno.EBADF, "fd=" + socket.intValue());
        }
        return socket.intValue();
    }

    private void closeUnfetched() {
        if (!received.isEmpty()) {
            received().close();
        }
    }

    private static boolean isDirect(ByteBuf buffer) {
        return buffer.hasMemoryAddress() || (buffer.isDirect() && buffer.nioBufferCount() == 1);
    }

    private static long address(ByteBuf buffer, int index, int size) {
        return buffer.hasMemoryAddress()
                ? buffer.memoryAddress() + index
                : MemorySegment.ofBuffer(buffer.internalNioBuffer(index, size)).address();
    }
}
