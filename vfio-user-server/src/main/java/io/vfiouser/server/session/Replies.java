package io.vfiouser.server.session;

import io.netty.buffer.ByteBuf;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.server.tap.StreamTap;
import io.vfiouser.transport.Chunk;
import io.vfiouser.transport.VfioUserChannel;
import org.jspecify.annotations.Nullable;

/// What goes to the client: small messages gather in one buffer until [#flush()], so that all
/// replies of one turn of the loop leave with one system call. Belongs to the loop.
///
/// While the client reads, that call is made right here and the buffer goes back to the loop, for
/// the next session that answers; what a full socket leaves over goes the channel's way.
final class Replies {
    private static final int BATCH_SIZE = 64 << 10;

    private final VfioUserChannel channel;
    private final ServerDialect dialect;
    private final StreamTap tap;
    private @Nullable ByteBuf batch;
    private boolean written;

    Replies(VfioUserChannel channel, ServerDialect dialect, StreamTap tap) {
        this.channel = channel;
        this.dialect = dialect;
        this.tap = tap;
    }

    /// A buffer with room for one message of `size` bytes, to be appended at its writer index now.
    ByteBuf room(int size) {
        ByteBuf current = batch;
        if (current != null && current.readableBytes() + size > BATCH_SIZE) {
            tapBatch();
            writeBatch();
            current = null;
        }
        if (current == null) {
            current = LoopBatch.take();
            batch = current;
        }
        return current.ensureWritable(size);
    }

    /// Appends an error reply: the header only, as the specification has it, or with padding.
    ///
    /// @param padding bytes of a body, see [ErrorPadding]; 0 for none
    void error(int messageId, int command, Errno errno, int padding) {
        ByteBuf out = room(WireFormat.HEADER_SIZE + padding);
        dialect.startErrorReply(out, messageId, command, errno, padding);
        ErrorPadding.write(out, command, padding);
    }

    /// Sends a whole message of its own after all that was appended so far; takes `message` over.
    void message(ByteBuf message) {
        tapBatch();
        writeBatch();
        tap.sent(message, FdBundle.empty());
        var _ = channel.write(message, channel.voidPromise());
        written = true;
    }

    /// The same with descriptors, which are taken over too.
    void message(ByteBuf message, FdBundle descriptors) {
        tapBatch();
        writeBatch();
        tap.sent(message, descriptors);
        var _ = channel.write(Chunk.of(message, descriptors), channel.voidPromise());
        written = true;
    }

    /// Sends what has gathered, which ends with the head of a reply, and then its data, which is
    /// not copied and taken over.
    ///
    /// @param gone called when the data need not stay as it is any more, unless this returns true
    /// @return whether all of it has left already
    boolean lend(ByteBuf data, Runnable gone) {
        ByteBuf head = room(0);
        if (!written && channel.sendNow(head, data)) {
            data.release();
            empty(head);
            return true;
        }
        if (!head.isReadable()) {
            empty(head);
        }
        writeBatch();
        channel.write(data).addListener(_ -> gone.run());
        channel.flush();
        written = false;
        return false;
    }

    /// Sends what has gathered.
    void flush() {
        tapBatch();
        if (!written && sendBatch()) {
            return;
        }
        writeBatch();
        if (written) {
            written = false;
            channel.flush();
        }
    }

    /// Sends the batch past the channel's queue; returns whether all of it has left.
    private boolean sendBatch() {
        ByteBuf current = batch;
        if (current == null || !current.isReadable() || !channel.sendNow(current)) {
            return false;
        }
        empty(current);
        return true;
    }

    /// The next session of the loop that answers takes the same buffer.
    private void empty(ByteBuf current) {
        batch = null;
        LoopBatch.giveBack(current);
    }

    /// Drops what has gathered.
    void discard() {
        ByteBuf current = batch;
        batch = null;
        if (current != null) {
            current.release();
        }
    }

    private void tapBatch() {
        ByteBuf current = batch;
        if (current != null) {
            tap.sentAll(current);
        }
    }

    private void writeBatch() {
        ByteBuf current = batch;
        if (current != null && current.isReadable()) {
            batch = null;
            var _ = channel.write(current, channel.voidPromise());
            written = true;
        }
    }
}
