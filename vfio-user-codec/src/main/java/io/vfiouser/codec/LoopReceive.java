package io.vfiouser.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.Objects;

/// Lets all channels of a loop receive into one buffer, which is free again when its bytes have
/// been handled. Whoever keeps bytes keeps the buffer, and the loop makes a new one.
///
/// Besides the work of allocating this saves Netty's leak detection, which takes a stack trace for
/// one of 128 buffers: 20 µs for each 128th register access.
final class LoopReceive extends DefaultMaxMessagesRecvByteBufAllocator {
    /// Room for many small messages, and little to be copied of the beginning of a large one.
    static final int SIZE = 8192;

    private static final ByteBufAllocator UNTRACKED = new UnpooledByteBufAllocator(true, true);

    private static final FastThreadLocal<ByteBuf> SPARE =
            new FastThreadLocal<>() {
                @Override
                protected ByteBuf initialValue() {
                    return UNTRACKED.directBuffer(SIZE, SIZE);
                }

                @Override
                protected void onRemoval(ByteBuf spare) {
                    spare.release();
                }
            };

    /// @param receives of one channel before others have their turn
    LoopReceive(int receives) {
        super(receives);
    }

    @Override
    @SuppressWarnings("deprecation") // Handle is deprecated, yet what the interface returns
    public Handle newHandle() {
        return new SpareHandle();
    }

    /// The buffer of this loop, or another one while somebody keeps bytes of it; the caller's to
    /// release.
    static ByteBuf take() {
        ByteBuf spare = Objects.requireNonNull(SPARE.get(), "spare");
        if (spare.refCnt() > 1) {
            SPARE.remove(); // somebody keeps bytes of it
            spare = Objects.requireNonNull(SPARE.get(), "spare");
        }
        return spare.clear().retain();
    }

    private final class SpareHandle extends MaxMessageHandle {
        @Override
        public int guess() {
            return SIZE;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            return take();
        }
    }
}
