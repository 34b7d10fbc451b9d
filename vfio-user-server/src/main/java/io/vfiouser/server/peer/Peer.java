package io.vfiouser.server.peer;

import io.netty.buffer.ByteBuf;
import io.vfiouser.device.irq.InterruptMessages;
import io.vfiouser.server.dma.PeerMemory;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import java.util.Optional;

/// What a server asks of its client by messages. Belongs to the loop.
public interface Peer extends PeerMemory, AutoCloseable {
    /// Takes a reply of the client; one that nobody waits for is dropped.
    ///
    /// @param frame the whole message, borrowed
    void reply(ByteBuf frame);

    /// Interrupts as messages, if the client takes such.
    default Optional<InterruptMessages> interruptMessages() {
        return Optional.empty();
    }

    /// Whether nothing is under way. Not asked of those whose client is never handed over.
    default boolean isIdle() {
        return true;
    }

    /// Writes what was learned of the client.
    default void save(ImageWriter out) {}

    /// Takes over what [#save] wrote.
    default void restore(ImageReader in) {}

    /// Ends what is under way with `ENOTCONN`; what comes later ends at once.
    @Override
    void close();
}
