package io.vfiouser.testkit.conformance;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.netty.buffer.Unpooled;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.client.ClientException;
import io.vfiouser.client.ConnectionClosedException;
import io.vfiouser.client.RawConnection;
import io.vfiouser.client.RawFrame;
import io.vfiouser.client.ReplyTimeoutException;
import io.vfiouser.codec.CapabilitiesJson;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.Errno;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.WireFormat;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/// The client's end of one connection, with the questions that checks have in common. What a server
/// does otherwise than expected ends in a [Difference].
///
/// Owns what it receives and makes, until it is closed.
final class Peer implements AutoCloseable {
    private static final int STEP_ID = 0x57e9;

    private final Endpoint endpoint;
    private final RawConnection connection;
    private final Deque<AutoCloseable> owned = new ArrayDeque<>();
    private Capabilities serverCapabilities = Capabilities.DEFAULTS;

    Peer(Endpoint endpoint, RawConnection connection) {
        this.endpoint = endpoint;
        this.connection = connection;
    }

    /// What the server said about itself before the checks.
    Target target() {
        return endpoint.target();
    }

    /// The limits in the reply to this connection's VERSION.
    Capabilities serverCapabilities() {
        return serverCapabilities;
    }

    void negotiate() {
        if (isLegacy()) {
            serverCapabilities = negotiateLegacy();
            return;
        }
        try {
            serverCapabilities = connection.negotiate().capabilities();
        } catch (ClientException e) {
            throw new Difference("a reply to VERSION", String.valueOf(e.getMessage()));
        }
    }

    private Capabilities negotiateLegacy() {
        Answer answer = succeeds(LegacyMessages.version(0, 1, LegacyMessages.TEXT));
        byte[] text = answer.bytesFrom(WireFormat.VERSION_SIZE);
        try {
            return CapabilitiesJson.LEGACY.read(
                    Unpooled.wrappedBuffer(text, 0, Math.max(0, text.length - 1)));
        } catch (RequestRejectedException e) {
            throw new Difference("capabilities as JSON", String.valueOf(e.getMessage()));
        }
    }

    private boolean isLegacy() {
        return endpoint.dialect() == Dialect.LEGACY;
    }

    /// Closes this connection and makes another.
    Peer nextClient() {
        connection.close();
        return endpoint.negotiate();
    }

    /// Closes this connection and makes another with a `max_data_xfer_size` of its own.
    Peer nextClient(int maxTransferSize) {
        connection.close();
        return endpoint.negotiate(maxTransferSize);
    }

    /// Closes this connection.
    void disconnect() {
        connection.close();
    }

    /// Closes this connection and makes another, without VERSION.
    Peer connectAlone() {
        connection.close();
        return endpoint.connect();
    }

    /// Makes another connection beside this one, without VERSION.
    Peer connectBeside() {
        return endpoint.connect();
    }

    // Sending

    /// Sends commands in one system call.
    void send(RawCommand... commands) {
        var glued = new ByteArrayOutputStream();
        for (RawCommand command : commands) {
            glued.writeBytes(command.toBytes());
        }
        send(glued.toByteArray(), FdBundle.empty());
    }

    /// @param descriptors taken over
    void send(RawCommand command, FdBundle descriptors) {
        send(command.toBytes(), descriptors);
    }

    /// @param descriptors taken over
    void send(byte[] bytes, FdBundle descriptors) {
        try {
            connection.send(bytes, descriptors);
        } catch (ClientException e) {
            throw new Difference("an open connection", String.valueOf(e.getMessage()));
        }
    }

    /// Sends bytes in two pieces.
    ///
    /// @param descriptors on the first piece; taken over
    void sendSplit(byte[] bytes, int at, FdBundle descriptors) {
        send(Arrays.copyOf(bytes, at), descriptors);
        send(Arrays.copyOfRange(bytes, at, bytes.length), FdBundle.empty());
    }

    /// Half-closes the connection.
    void finishSending() {
        connection.shutdownOutput();
    }

    void setReading(boolean reads) {
        connection.setReading(reads);
    }

    // Receiving

    /// The next message, also a command of the server.
    Answer next() {
        try {
            RawFrame frame = connection.receive();
            owned.push(frame);
            return new Answer(frame);
        } catch (ReplyTimeoutException _) {
            throw new Difference(
                    "a message within " + endpoint.timeout().toMillis() + " ms", "none");
        } catch (ConnectionClosedException e) {
            throw new Difference("a message", "the connection " + e.getMessage());
        }
    }

    /// The next reply; commands of the server are refused meanwhile.
    Answer receive() {
        Answer answer = next();
        while (answer.isCommand()) {
            refuseCommand(answer, Errno.ENODEV);
            answer = next();
        }
        return answer;
    }

    /// The reply to `command`, whatever it says.
    Answer replyTo(RawCommand command) {
        Answer answer = receive();
        boolean echoes =
                answer.header().messageId() == command.messageId()
                        && answer.header().commandId() == (isLegacy() ? 0 : command.command());
        Difference.check(
                echoes,
                "a reply to command %d with id 0x%x"
                        .formatted(command.command(), command.messageId()),
                answer.toString());
        return answer;
    }

    /// Expects a good reply to `command`.
    @CanIgnoreReturnValue
    Answer goodReplyTo(RawCommand command) {
        Answer answer = replyTo(command);
        Difference.check(!answer.isError(), "a good reply", answer.toString());
        Difference.check("error field", 0, answer.header().error());
        return answer;
    }

    /// Expects `command` to be refused with one of `errnos`, in a reply of a header only.
    void refusalOf(RawCommand command, Errno... errnos) {
        Answer answer = replyTo(command);
        List<Errno> allowed = List.of(errnos);
        Difference.check(
                answer.isError() && allowed.contains(answer.errno()),
                "refused with " + allowed,
                answer.toString());
        Difference.check(
                answer.payloadLength() == 0, "an error reply of 16 bytes", answer.toString());
    }

    /// Waits until the server closes the connection.
    ///
    /// @return what it said before
    List<Answer> untilClosed() {
        var before = new ArrayList<Answer>();
        while (true) {
            try {
                RawFrame frame = connection.receive();
                owned.push(frame);
                before.add(new Answer(frame));
            } catch (ConnectionClosedException _) {
                return before;
            } catch (ReplyTimeoutException _) {
                throw new Difference("the connection is closed", "it stays open");
            }
        }
    }

    /// Whether no message has come so far.
    boolean hasNothing() {
        try {
            owned.push(connection.receive(Duration.ofNanos(1)));
            return false;
        } catch (ReplyTimeoutException _) {
            return true;
        }
    }

    // Exchanges

    /// Sends a command and waits for its reply, whatever it says.
    Answer call(RawCommand command) {
        send(command);
        return replyTo(command);
    }

    /// Expects a command to be done.
    @CanIgnoreReturnValue
    Answer succeeds(RawCommand command) {
        send(command);
        return goodReplyTo(command);
    }

    /// Expects a command with descriptors to be done.
    ///
    /// @param descriptors taken over
    @CanIgnoreReturnValue
    Answer succeeds(RawCommand command, FdBundle descriptors) {
        send(command, descriptors);
        return goodReplyTo(command);
    }

    /// Expects a command to be refused with one of `errnos`, and the stream to be in step after it.
    void refuses(RawCommand command, Errno... errnos) {
        refuses(command, FdBundle.empty(), errnos);
    }

    /// The same for a command with descriptors.
    ///
    /// @param descriptors taken over
    void refuses(RawCommand command, FdBundle descriptors, Errno... errnos) {
        send(command, descriptors);
        refusalOf(command, errnos);
        inStep();
    }

    /// Expects a command to be refused with `errno`.
    void refusal(RawCommand command, Errno errno) {
        send(command);
        refusalOf(command, errno);
    }

    /// Sends a command whose reply nobody looks at, if the connection is still there.
    void abandon(RawCommand command) {
        try {
            send(command.noReply());
        } catch (Difference _) {
            // Without a connection there is nothing to be put right.
            return;
        }
    }

    /// Expects a proper command to be answered next.
    void inStep() {
        RawCommand step = (isLegacy() ? LegacyMessages.info() : Commands.getInfo()).id(STEP_ID);
        send(step);
        goodReplyTo(step);
    }

    /// Expects that bytes, already sent, are either refused with EINVAL or end the connection, but
    /// are not taken for a proper command.
    void refusedOrClosed() {
        Answer answer;
        try {
            answer = receive();
        } catch (Difference difference) {
            Difference.check(
                    !connection.isOpen(), "EINVAL, or a closed connection", difference.seen());
            return;
        }
        Difference.check(
                answer.isError() && answer.errno().equals(Errno.EINVAL),
                "EINVAL, or a closed connection",
                answer.toString());
    }

    /// Whether the server has closed the connection, waiting for that as long as for a reply.
    boolean isClosed() {
        return connection.awaitClosed(endpoint.timeout());
    }

    /// Answers a command of the server with an error.
    void refuseCommand(Answer command, Errno errno) {
        send(
                RawCommand.of(command.header().commandId())
                        .id(command.header().messageId())
                        .headerFlags(0x21)
                        .headerError(errno.number()));
    }

    // Things to send along

    EventFd eventFd() {
        EventFd eventFd = EventFd.create();
        owned.push(eventFd);
        return eventFd;
    }

    SharedMemory sharedMemory(long size) {
        SharedMemory memory = SharedMemory.create("conformance", size);
        owned.push(memory);
        return memory;
    }

    /// Keeps something until this is closed.
    @CanIgnoreReturnValue
    <T extends AutoCloseable> T own(T resource) {
        owned.push(resource);
        return resource;
    }

    static FdBundle descriptorOf(EventFd eventFd) {
        return FdBundle.of(Descriptors.duplicate(eventFd.fd()));
    }

    static FdBundle descriptorOf(SharedMemory memory) {
        return FdBundle.of(memory.duplicate());
    }

    /// Descriptors of new eventfds that nobody looks at.
    static FdBundle strayDescriptors(int count) {
        var descriptors = new ArrayList<FileDescriptor>();
        for (int i = 0; i < count; i++) {
            try (EventFd eventFd = EventFd.create()) {
                descriptors.add(Descriptors.duplicate(eventFd.fd()));
            }
        }
        return FdBundle.ofOwned(descriptors);
    }

    /// Closes the connection, in the middle of whatever was sent, and all that belongs to it.
    @Override
    public void close() {
        connection.close();
        while (!owned.isEmpty()) {
            try {
                owned.pop().close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }
}
