package io.vfiouser.server.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;

/// The buffer in which the sessions of a loop, one after the other, gather their replies: it stays
/// in the caches, where one for each session would not.
///
/// A session has it from its first reply of a turn until they have left. Who comes meanwhile gets
/// another one; the loop keeps one.
final class LoopBatch {
    /// Bytes of many small replies.
    private static final int SIZE = 4096;

    /// Bytes from which on a buffer is not kept.
    private static final int MAX_KEPT = 64 << 10;

    private static final ByteBufAllocator UNTRACKED = new UnpooledByteBufAllocator(true, true);

    private static final FastThreadLocal<@Nullable ByteBuf> SPARE =
            new FastThreadLocal<>() {
                @Override
                protected void onRemoval(@Nullable ByteBuf spare) {
                    if (spare != null) {
                        spare.release();
                    }
                }
            };

    private LoopBatch() {}

    /// One that nobody uses, empty; the caller's.
    static ByteBuf take() {
        ByteBuf spare = SPARE.get();
        if (spare == null) {
            return UNTRACKED.directBuffer(SIZE);
        }
        SPARE.set(null);
        return spare;
    }

    /// Takes it over for the next session.
    static void giveBack(ByteBuf used) {
        if (SPARE.get() == null && used.refCnt() == 1 && used.capacity() <= MAX_KEPT) {
            SPARE.set(used.clear());
        } else {
            used.release();
        }
    }
}
