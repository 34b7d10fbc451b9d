package io.vfiouser.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vfiouser.codec.FrameLimits;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.BulkMessage;
import io.vfiouser.protocol.ClientRequest;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.ServerReply;
import io.vfiouser.protocol.Version;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A connection that sends any bytes in any pieces, and gives the messages that come as they are:
/// for tests of what a server does with bad input.
///
/// Nothing is sent by itself, not even `VERSION`; commands of the server are not answered. Methods
/// wait up to the timeout; any thread but an event loop may call them.
public final class RawConnection implements AutoCloseable {
    private final Connection connection;
    private final Inbox inbox;
    private final ClientOptions options;

    private RawConnection(Inbox inbox, ClientOptions options) {
        this.connection = inbox.connection();
        this.inbox = inbox;
        this.options = options;
    }

    /// Connects, with the default options.
    ///
    /// @throws java.io.UncheckedIOException if nobody listens there
    public static RawConnection connect(Path socket) {
        return connect(socket, ClientOptions.defaults());
    }

    /// Connects.
    ///
    /// @param options of which the timeout, the loops and what [#negotiate()] proposes are used
    /// @throws java.io.UncheckedIOException if nobody listens there
    public static RawConnection connect(Path socket, ClientOptions options) {
        options.eventLoopGroup()
                .ifPresent(group -> Blocking.checkMayWait(Connection.isLoopOf(group)));
        Inbox inbox =
                Blocking.join(
                        Connection.open(
                                socket,
                                options.eventLoopGroup(),
                                FrameLimits.DEFAULT,
                                options.timeout(),
                                Inbox::new));
        return new RawConnection(inbox, options);
    }

    /// Sends `VERSION` as the options say and waits for the reply.
    ///
    /// @throws ClientException if the server refuses or does not answer
    public Version.Reply negotiate() {
        ByteBuf message = connection.buffer();
        Negotiation.encode(message, options);
        send(message, FdBundle.empty());
        try (RawFrame frame = receive()) {
            ServerReply reply =
                    ClientWire.of(options.dialect()).reply(Command.VERSION.id(), frame.bytes());
            return ReplyCheck.expect(Version.Reply.class, Command.VERSION.id(), reply);
        }
    }

    /// Sends bytes as they are, in one system call if the socket has room.
    ///
    /// @throws ConnectionClosedException if the server does not take them
    public void send(byte... bytes) {
        send(bytes, FdBundle.empty());
    }

    /// Sends bytes as they are, with descriptors on the first of them.
    ///
    /// @param bytes at least one if there are descriptors
    /// @param descriptors taken over
    /// @throws ConnectionClosedException if the server does not take them
    public void send(byte[] bytes, FdBundle descriptors) {
        send(Unpooled.wrappedBuffer(bytes), descriptors);
    }

    /// Sends a proper command with an id of choice.
    ///
    /// @param messageId 0 to 65535
    /// @param request taken over, released if it carries data
    /// @param descriptors taken over
    /// @throws ConnectionClosedException if the server does not take it
    public void send(int messageId, ClientRequest request, FdBundle descriptors) {
        ByteBuf message = connection.buffer();
        ClientWire.of(options.dialect())
                .encode(message, messageId, request, !descriptors.isEmpty(), false);
        if (request instanceof BulkMessage bulk) {
            bulk.release();
        }
        send(message, descriptors);
    }

    /// Waits for the next message, in the order in which they came; it must be closed.
    ///
    /// @throws ReplyTimeoutException if none comes in time
    /// @throws ConnectionClosedException if none will come any more
    public RawFrame receive() {
        return receive(options.timeout());
    }

    /// Waits for the next message; it must be closed.
    ///
    /// @throws ReplyTimeoutException if none comes within `limit`
    /// @throws ConnectionClosedException if none will come any more
    public RawFrame receive(Duration limit) {
        Blocking.checkMayWait(connection.isOnLoop());
        return inbox.take(limit);
    }

    /// Waits until the server has closed the connection.
    ///
    /// @return whether it has, within `limit`
    public boolean awaitClosed(Duration limit) {
        Blocking.checkMayWait(connection.isOnLoop());
        return connection.awaitClosed(limit);
    }

    /// Stops or resumes to read from the socket, to see what a server does when nobody reads. One
    /// read that was asked for before is still made.
    public void setReading(boolean reads) {
        connection.setReading(reads);
    }

    /// Tells the server that nothing more will be sent (half-close), while its answers are still
    /// read.
    public void shutdownOutput() {
        Blocking.checkMayWait(connection.isOnLoop());
        connection.shutdownOutput().awaitUninterruptibly();
    }

    /// Whether the connection is there.
    public boolean isOpen() {
        return connection.isOpen();
    }

    /// Closes the connection at once, in the middle of whatever was sent; idempotent.
    @Override
    public void close() {
        connection.closeAndWait();
        inbox.close();
    }

    /// Such as `RawConnection[/run/vm1/gpio0.sock]`.
    @Override
    public String toString() {
        return "RawConnection[" + connection.socket() + "]";
    }

    private void send(ByteBuf bytes, FdBundle descriptors) {
        Blocking.checkMayWait(connection.isOnLoop());
        var sent = new CompletableFuture<@Nullable Void>();
        connection.run(() ->
                connection
                        .write(bytes, descriptors)
                        .addListener(written -> {
                            if (written.isSuccess()) {
                                sent.complete(null);
                            } else {
                                sent.completeExceptionally(notSent(written.cause()));
                            }
                        }));
        var limit =
                connection
                        .loop()
                        .schedule(
                                () ->
                                        sent.completeExceptionally(
                                                new ReplyTimeoutException(
                                                        "room in the socket", options.timeout())),
                                options.timeout().toNanos(),
                                TimeUnit.NANOSECONDS);
        var _ = sent.whenComplete((_, _) -> limit.cancel(false));
        Blocking.join(sent);
    }

    private ConnectionClosedException notSent(Throwable cause) {
        String reason = cause.getMessage() == null ? "closed" : cause.getMessage();
        return new ConnectionClosedException(this + " did not send: " + reason, cause);
    }
}
