package io.vfiouser.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.DefaultMessageSizeEstimator;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.util.Map;

/// The options of a [VfioUserChannel]: those of every channel, and `ALLOW_HALF_CLOSURE`,
/// `SO_SNDBUF` and `SO_RCVBUF`.
///
/// A [Chunk] counts towards the write buffer water marks with its bytes.
public final class VfioUserChannelConfig extends DefaultChannelConfig {
    private final Socket socket;
    private volatile boolean allowHalfClosure;

    VfioUserChannelConfig(VfioUserChannel channel, Socket socket) {
        super(channel);
        this.socket = socket;
        setMessageSizeEstimator(new ChunkSizes(DefaultMessageSizeEstimator.DEFAULT));
    }

    /// Whether the channel stays open when the peer has shut down its sending side.
    public boolean isAllowHalfClosure() {
        return allowHalfClosure;
    }

    /// Decides whether the channel stays open when the peer has shut down its sending side.
    public VfioUserChannelConfig setAllowHalfClosure(boolean allowed) {
        allowHalfClosure = allowed;
        return this;
    }

    /// Bytes of the socket's send buffer, as the kernel counts them.
    public int getSendBufferSize() {
        try {
            return socket.getSendBufferSize();
        } catch (IOException e) {
            throw new ChannelException(e);
        }
    }

    /// Asks for a send buffer of that many bytes; the kernel doubles it and has limits of its own.
    public VfioUserChannelConfig setSendBufferSize(int size) {
        try {
            socket.setSendBufferSize(size);
            return this;
        } catch (IOException e) {
            throw new ChannelException(e);
        }
    }

    /// Bytes of the socket's receive buffer, as the kernel counts them.
    public int getReceiveBufferSize() {
        try {
            return socket.getReceiveBufferSize();
        } catch (IOException e) {
            throw new ChannelException(e);
        }
    }

    /// Asks for a receive buffer of that many bytes. Linux ignores it for Unix sockets: what counts
    /// there is the send buffer of the other side.
    public VfioUserChannelConfig setReceiveBufferSize(int size) {
        try {
            socket.setReceiveBufferSize(size);
            return this;
        } catch (IOException e) {
            throw new ChannelException(e);
        }
    }

    @Override
    public Map<ChannelOption<?>, Object> getOptions() {
        return getOptions(
                super.getOptions(),
                ChannelOption.ALLOW_HALF_CLOSURE,
                ChannelOption.SO_SNDBUF,
                ChannelOption.SO_RCVBUF);
    }

    @Override
    @SuppressWarnings("unchecked") // each option's value has the option's type
    public <T> T getOption(ChannelOption<T> option) {
        if (option.equals(ChannelOption.ALLOW_HALF_CLOSURE)) {
            return (T) Boolean.valueOf(isAllowHalfClosure());
        }
        if (option.equals(ChannelOption.SO_SNDBUF)) {
            return (T) Integer.valueOf(getSendBufferSize());
        }
        if (option.equals(ChannelOption.SO_RCVBUF)) {
            return (T) Integer.valueOf(getReceiveBufferSize());
        }
        return super.getOption(option);
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        validate(option, value);
        if (option.equals(ChannelOption.ALLOW_HALF_CLOSURE)) {
            setAllowHalfClosure((Boolean) value);
        } else if (option.equals(ChannelOption.SO_SNDBUF)) {
            setSendBufferSize((Integer) value);
        } else if (option.equals(ChannelOption.SO_RCVBUF)) {
            setReceiveBufferSize((Integer) value);
        } else {
            return super.setOption(option, value);
        }
        return true;
    }

    @Override
    protected void autoReadCleared() {
        ((VfioUserChannel) channel).stopReading();
    }

    /// Counts a chunk as its bytes, everything else as Netty does.
    private record ChunkSizes(MessageSizeEstimator others) implements MessageSizeEstimator {
        @Override
        public Handle newHandle() {
            Handle handle = others.newHandle();
            return message ->
                    switch (message) {
                        case ByteBuf bytes -> bytes.readableBytes();
                        case Chunk chunk -> chunk.bytes().readableBytes();
                        default -> handle.size(message);
                    };
        }
    }
}
