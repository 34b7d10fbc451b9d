package io.vfiouser.control;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Calls a [ControlServer], one connection for each call. Blocks, for [#PATIENCE] at most unless
/// told otherwise.
///
/// @param address where it listens
/// @param token what it asks for, if it does
public record ControlClient(ControlAddress address, Optional<ControlToken> token) {
    /// How long a call may take unless told otherwise.
    public static final Duration PATIENCE = Duration.ofMinutes(1);

    private static final int MAX_ANSWER = 64 << 20;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 [1-5][0-9]{2}[ \r]");

    /// What came back.
    ///
    /// @param status of HTTP, such as 200
    /// @param body JSON, or the text of the metrics
    public record Answer(int status, String body) {
        /// Whether the call was done.
        public boolean isDone() {
            return status / 100 == 2;
        }
    }

    /// Makes a call.
    ///
    /// @param method such as `GET`
    /// @param path and query, such as `/v1/devices`
    /// @param body JSON; empty for none
    /// @throws IOException if the server cannot be reached or does not answer within [#PATIENCE]
    public Answer call(String method, String path, String body) throws IOException {
        return call(method, path, body, PATIENCE);
    }

    /// As [#call(String, String, String)], for calls that take longer, such as a removal with a
    /// grace.
    ///
    /// @param patience how long to wait for the connection and the whole answer; positive
    /// @throws IOException if the server cannot be reached or does not answer by then
    public Answer call(String method, String path, String body, Duration patience)
            throws IOException {
        var head = new StringBuilder();
        head.append(method).append(' ').append(path).append(" HTTP/1.1\r\n");
        head.append("Host: ")
                .append(address instanceof ControlAddress.Loopback ? address : "localhost")
                .append("\r\nConnection: close\r\n");
        token.ifPresent(
                known -> head.append("Authorization: Bearer ").append(known.text()).append("\r\n"));
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        head.append("Content-Type: application/json\r\nContent-Length: ")
                .append(content.length)
                .append("\r\n\r\n");
        // A blocking channel has no time limit of its own.
        var limit = new CompletableFuture<@Nullable Void>();
        try (SocketChannel channel = open()) {
            var _ = limit.thenRun(() -> closeQuietly(channel));
            limit.completeOnTimeout(null, patience.toMillis(), TimeUnit.MILLISECONDS);
            connect(channel);
            send(channel, head.toString().getBytes(StandardCharsets.ISO_8859_1));
            send(channel, content);
            return answer(receive(channel));
        } catch (ClosedChannelException e) {
            throw new IOException(
                    "%s: no answer within %d ms (expected: one; what was asked for may still be done)"
                            .formatted(address, patience.toMillis()),
                    e);
        } finally {
            limit.cancel(false);
        }
    }

    private SocketChannel open() throws IOException {
        return switch (address) {
            case ControlAddress.Unix _ -> SocketChannel.open(StandardProtocolFamily.UNIX);
            case ControlAddress.Loopback _ -> SocketChannel.open();
        };
    }

    private void connect(SocketChannel channel) throws IOException {
        try {
            channel.connect(address.socketAddress());
        } catch (ClosedChannelException e) {
            throw e; // the limit has ended
        } catch (IOException e) {
            throw new IOException(
                    address + ": " + e.getMessage() + " (expected: serve --control)", e);
        }
    }

    private static void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException _) {
            // Who waits for an answer is told that there is none.
        }
    }

    private static void send(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /// All until the server closes the connection.
    private static byte[] receive(SocketChannel channel) throws IOException {
        var all = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
        while (channel.read(buffer) >= 0) {
            all.write(buffer.array(), 0, buffer.position());
            buffer.clear();
            if (all.size() > MAX_ANSWER) {
                throw new IOException("answer: (expected: at most " + MAX_ANSWER + " bytes)");
            }
        }
        return all.toByteArray();
    }

    private static Answer answer(byte[] bytes) throws IOException {
        String text = new String(bytes, StandardCharsets.UTF_8);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0 || !STATUS.matcher(text).lookingAt()) {
            throw new IOException("answer: " + bytes.length + " bytes (expected: HTTP)");
        }
        return new Answer(Integer.parseInt(text.substring(9, 12)), text.substring(end + 4));
    }
}
