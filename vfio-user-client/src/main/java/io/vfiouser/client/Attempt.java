package io.vfiouser.client;

import io.vfiouser.client.memory.ClientMemory;
import io.vfiouser.client.memory.DmaResponder;
import io.vfiouser.codec.FrameLimits;
import io.vfiouser.protocol.Version;
import io.vfiouser.protocol.WireFormat;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// One attempt to become a client of a server: connects, negotiates, and cleans up if either goes
/// wrong or nobody waits any more.
final class Attempt {
    /// Room around the data of the largest reply; a dirty page report has 48 bytes.
    private static final int REPLY_OVERHEAD = 4096;

    private final ClientOptions options;
    private final ClientMemory memory = new ClientMemory();
    private final CompletableFuture<VfioUserClient> result = new CompletableFuture<>();

    Attempt(ClientOptions options) {
        this.options = options;
    }

    CompletableFuture<VfioUserClient> start(Path socket) {
        DmaResponder responder = options.dmaResponder().orElse(memory);
        var _ =
                Connection.open(
                                socket,
                                options.eventLoopGroup(),
                                limits(options),
                                options.timeout(),
                                connection -> new ClientSession(connection, options, responder))
                        .whenComplete(this::connected);
        return result;
    }

    private void connected(@Nullable ClientSession session, @Nullable Throwable failure) {
        if (session == null) {
            result.completeExceptionally(Objects.requireNonNull(failure, "failure"));
            return;
        }
        var _ =
                Negotiation.start(session, options)
                        .whenComplete((version, refusal) -> negotiated(session, version, refusal));
    }

    private void negotiated(
            ClientSession session, Version.@Nullable Reply version, @Nullable Throwable failure) {
        if (version == null) {
            session.close();
            result.completeExceptionally(Objects.requireNonNull(failure, "failure"));
            return;
        }
        var client =
                new VfioUserClient(session, version, memory, new Resources(), options.timeout());
        if (!result.complete(client)) {
            client.close();
        }
    }

    /// What the server may send in one message, on either socket.
    static FrameLimits limits(ClientOptions options) {
        int data =
                Math.max(
                        options.capabilities().maxDataXferSize(),
                        WireFormat.DEFAULT_MAX_DATA_XFER_SIZE);
        return new FrameLimits(
                (int) Math.min((long) data + REPLY_OVERHEAD, Integer.MAX_VALUE),
                WireFormat.KERNEL_MAX_MSG_FDS);
    }
}
