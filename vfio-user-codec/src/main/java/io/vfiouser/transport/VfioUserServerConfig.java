package io.vfiouser.transport;

import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import java.util.Map;
import java.util.Objects;

/// The options of a [VfioUserServerChannel]: those of every channel, and `SO_BACKLOG`.
public final class VfioUserServerConfig extends DefaultChannelConfig {
    /// Clients that may wait to be accepted, unless set otherwise.
    public static final int DEFAULT_BACKLOG = 128;

    private volatile int backlog = DEFAULT_BACKLOG;
    private volatile SocketPermissions permissions = SocketPermissions.DEFAULT;

    VfioUserServerConfig(VfioUserServerChannel channel) {
        super(channel, new ServerChannelRecvByteBufAllocator());
    }

    /// Whom the file of the socket belongs to and who may connect.
    public SocketPermissions getPermissions() {
        return permissions;
    }

    /// Sets whom the file of the socket belongs to and who may connect; counts when the channel is
    /// bound.
    public VfioUserServerConfig setPermissions(SocketPermissions those) {
        permissions = Objects.requireNonNull(those, "permissions");
        return this;
    }

    /// How many clients may wait to be accepted, at least 0.
    public int getBacklog() {
        return backlog;
    }

    /// Sets how many clients may wait to be accepted; counts when the channel is bound.
    public VfioUserServerConfig setBacklog(int clients) {
        if (clients < 0) {
            throw new IllegalArgumentException("backlog: " + clients + " (expected: 0 or more)");
        }
        backlog = clients;
        return this;
    }

    @Override
    public Map<ChannelOption<?>, Object> getOptions() {
        return getOptions(super.getOptions(), ChannelOption.SO_BACKLOG);
    }

    @Override
    @SuppressWarnings("unchecked") // the option's value has the option's type
    public <T> T getOption(ChannelOption<T> option) {
        return option.equals(ChannelOption.SO_BACKLOG)
                ? (T) Integer.valueOf(backlog)
                : super.getOption(option);
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        validate(option, value);
        if (option.equals(ChannelOption.SO_BACKLOG)) {
            setBacklog((Integer) value);
            return true;
        }
        return super.setOption(option, value);
    }

    @Override
    protected void autoReadCleared() {
        ((VfioUserServerChannel) channel).stopAccepting();
    }
}
