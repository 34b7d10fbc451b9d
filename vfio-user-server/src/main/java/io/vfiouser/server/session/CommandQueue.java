package io.vfiouser.server.session;

import io.netty.buffer.ByteBuf;
import io.vfiouser.os.FdBundle;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.options.Limits;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import org.jspecify.annotations.Nullable;

/// Commands that arrived while an earlier one is still at work, in order. Their bytes are taken off
/// the socket, so that the client's answer to a DMA_READ behind them can be seen.
final class CommandQueue {
    private final int maxCommands;
    private final int maxBytes;
    private final int maxDescriptors;
    private final ArrayDeque<HeldCommand> held = new ArrayDeque<>(0);
    private int bytes;
    private int descriptors;

    CommandQueue(Limits limits) {
        this.maxCommands = limits.count(Limit.MAX_QUEUED_COMMANDS);
        this.maxBytes = limits.count(Limit.MAX_QUEUED_BYTES);
        this.maxDescriptors = limits.count(Limit.MAX_QUEUED_DESCRIPTORS);
    }

    boolean isEmpty() {
        return held.isEmpty();
    }

    int size() {
        return held.size();
    }

    /// Whether the client should not be read any further for now. What is in the receive buffer
    /// already still comes, so the queue can grow past its limit by one buffer.
    boolean isFull() {
        return held.size() >= maxCommands || bytes >= maxBytes || descriptors >= maxDescriptors;
    }

    /// Whether so much has gone that reading may go on.
    boolean hasRoomAgain() {
        return held.size() <= maxCommands / 2
                && bytes <= maxBytes / 2
                && descriptors <= maxDescriptors / 2;
    }

    /// Keeps a copy: a slice would keep the receive buffer alive, many times the size of a command.
    void add(ByteBuf frame, FdBundle attached) {
        ByteBuf copy = frame.alloc().directBuffer(frame.readableBytes());
        copy.writeBytes(frame, frame.readerIndex(), frame.readableBytes());
        held.add(new HeldCommand(copy, attached));
        descriptors += attached.count();
        bytes += copy.readableBytes();
    }

    /// The oldest one, which is the caller's now; null if there is none.
    @Nullable HeldCommand poll() {
        HeldCommand next = held.poll();
        if (next != null) {
            bytes -= next.size();
            descriptors -= next.descriptors().count();
        }
        return next;
    }

    /// All of them, the oldest first; they stay here.
    Collection<HeldCommand> held() {
        return Collections.unmodifiableCollection(held);
    }

    /// Drops all.
    void clear() {
        for (HeldCommand command = poll(); command != null; command = poll()) {
            command.drop();
        }
    }
}
