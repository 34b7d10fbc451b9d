package io.vfiouser.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator.DelegatingHandle;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.channel.RecvByteBufAllocator.Handle;
import io.netty.util.UncheckedBooleanSupplier;
import java.util.Optional;

/// Gives a channel the buffer of a pending large message to read into, so that the rest of it is
/// not copied.
@SuppressWarnings("deprecation") // Handle is deprecated, yet what RecvByteBufAllocator returns
final class InPlaceReceive extends DelegatingHandle implements ExtendedHandle {
    private final PartialMessage partial;
    private final FrameHandler handler;
    private boolean inPlace;

    InPlaceReceive(Handle delegate, PartialMessage partial, FrameHandler handler) {
        super(delegate);
        this.partial = partial;
        this.handler = handler;
    }

    @Override
    public void reset(ChannelConfig config) {
        inPlace = false;
        super.reset(config);
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
        Optional<ByteBuf> place = partial.readInPlace();
        inPlace = place.isPresent();
        return inPlace ? place.get() : super.allocate(allocator);
    }

    /// The end of a message fills its place, which does not mean that there is more. If there is,
    /// it is reported anew. A message with a place is read on; else the handler says whether it
    /// takes more before others have their turn.
    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
        if (inPlace ? !partial.isPending() : !handler.takesMore()) {
            return false;
        }
        return delegate() instanceof ExtendedHandle extended
                ? extended.continueReading(maybeMoreData)
                : delegate().continueReading();
    }
}
