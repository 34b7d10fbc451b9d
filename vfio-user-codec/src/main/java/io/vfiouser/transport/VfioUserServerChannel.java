package io.vfiouser.transport;

import io.netty.channel.AbstractServerChannel;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.concurrent.Future;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.Platform;
import io.vfiouser.os.SocketRole;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A listening Unix socket whose clients become [VfioUserChannel]s.
///
/// Joins any event loop of Netty's epoll transport. With auto-read it accepts whoever comes;
/// without it each `read()` accepts one client, and the others wait in the kernel's queue. Before
/// binding, call [SocketPath#prepare]; the file of the socket stays when the channel is closed, see
/// [SocketPath#remove].
///
/// When a client cannot be accepted, mostly because the limit of open files is reached, the
/// exception goes through the pipeline and nobody is accepted for a second.
public final class VfioUserServerChannel extends AbstractServerChannel implements UnixChannel {
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);
    private static final int ADDRESS_SIZE = 128;

    static {
        Platform.ensureSupported();
    }

    private final Socket socket;
    private final VfioUserServerConfig config = new VfioUserServerConfig(this);
    private final EpollInterest interest;
    private final byte[] clientAddress = new byte[ADDRESS_SIZE];
    private final Duration pause;
    private volatile boolean active;
    private boolean readPending;
    private boolean suspended;
    private @Nullable Future<?> pausing;

    /// Makes an unbound channel.
    public VfioUserServerChannel() {
        this(Socket.newSocketDomain(), PAUSE_AFTER_FAILURE, false);
    }

    /// Makes a channel of a socket that listens already, such as an inherited one.
    ///
    /// @param listening belongs to the channel from now on, closed at once if this throws; made
    ///   non-blocking
    /// @throws IllegalArgumentException if it is not a listening Unix socket
    public VfioUserServerChannel(FileDescriptor listening) {
        this(checkedListener(listening), PAUSE_AFTER_FAILURE, true);
    }

    VfioUserServerChannel(Socket socket, Duration pause, boolean listening) {
        this.socket = socket;
        this.pause = pause;
        this.active = listening;
        this.interest = new EpollInterest(0, listening);
    }

    /// The socket; stays with the channel.
    @Override
    public FileDescriptor fd() {
        return socket;
    }

    @Override
    public VfioUserServerConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    @Override
    public boolean isActive() {
        return active;
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new ListenUnsafe();
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return loop instanceof IoEventLoop io && io.isCompatible(ListenUnsafe.class);
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return socket.localDomainSocketAddress();
    }

    @Override
    protected void doRegister(ChannelPromise promise) {
        ((IoEventLoop) eventLoop())
                .register((ListenUnsafe) unsafe())
                .addListener((Future<IoRegistration> granted) -> {
                    if (granted.isSuccess()) {
                        if (readPending) {
                            interest.add(EpollInterest.IN); // on the loop that it has left
                        }
                        interest.register(granted.getNow());
                        promise.setSuccess();
                    } else {
                        promise.setFailure(granted.cause());
                    }
                });
    }

    @Override
    protected void doDeregister() {
        endPause();
        interest.cancel();
    }

    @Override
    protected void doBind(SocketAddress local) throws IOException {
        SocketPath.bind(socket, local, config.getPermissions());
        socket.listen(config.getBacklog());
        active = true;
        interest.enable();
    }

    @Override
    protected void doClose() throws IOException {
        active = false;
        endPause();
        interest.cancel();
        socket.close();
    }

    @Override
    protected void doBeginRead() {
        readPending = true;
        if (active && pausing == null) {
            interest.add(EpollInterest.IN);
        }
    }

    /// Auto-read was switched off. On the loop nobody is accepted from now on; on another thread
    /// one who was asked for already may be.
    void stopAccepting() {
        if (!isRegistered()) {
            return;
        }
        if (eventLoop().inEventLoop()) {
            readPending = false;
            interest.remove(EpollInterest.IN);
        } else {
            eventLoop().execute(this::pauseUnlessWanted);
        }
    }

    /// Accepts nobody until [#resume()]; whoever connects meanwhile waits in the kernel's queue. On
    /// the loop only.
    public void suspend() {
        suspended = true;
        interest.suspend();
    }

    /// Goes on after [#suspend()]. On the loop only.
    public void resume() {
        suspended = false;
        interest.resume();
    }

    private void pauseUnlessWanted() {
        if (!readPending && !config.isAutoRead()) {
            interest.remove(EpollInterest.IN);
        }
    }

    private void pauseAfterFailure() {
        interest.remove(EpollInterest.IN);
        pausing =
                eventLoop()
                        .schedule(
                                () -> {
                                    pausing = null;
                                    if (readPending || config.isAutoRead()) {
                                        doBeginRead();
                                    }
                                },
                                pause.toNanos(),
                                TimeUnit.NANOSECONDS);
    }

    private void endPause() {
        Future<?> pending = pausing;
        pausing = null;
        if (pending != null) {
            pending.cancel(false);
        }
    }

    private static Socket checkedListener(FileDescriptor listening) {
        try {
            if (SocketRole.of(listening) != SocketRole.LISTENING) {
                throw new IllegalArgumentException(
                        "fd: " + listening.intValue() + ": connected (expected: one that listens)");
            }
        } catch (IllegalArgumentException e) {
            Descriptors.close(listening);
            throw e;
        }
        Descriptors.setNonBlocking(listening);
        return new Socket(listening.intValue());
    }

    /// What Netty and epoll call, always on the event loop.
    private final class ListenUnsafe extends AbstractUnsafe implements EpollIoHandle {
        @Override
        public FileDescriptor fd() {
            return socket;
        }

        @Override
        public void close() {
            close(voidPromise());
        }

        @Override
        public void connect(
                SocketAddress remote, @Nullable SocketAddress local, ChannelPromise promise) {
            safeSetFailure(promise, new UnsupportedOperationException("connect on a server"));
        }

        @Override
        @SuppressWarnings("deprecation") // Handle is deprecated, yet what the allocator returns
        public void handle(IoRegistration registration, IoEvent event) {
            if (!active || suspended || !interest.contains(EpollInterest.IN)) {
                return;
            }
            RecvByteBufAllocator.Handle handle = recvBufAllocHandle();
            handle.reset(config);
            handle.attemptedBytesRead(1);
            @Nullable IOException failure = null;
            try {
                while (acceptOne(handle) && active && handle.continueReading()) {
                    // The next one.
                }
            } catch (IOException e) {
                failure = e;
            }
            handle.readComplete();
            pipeline().fireChannelReadComplete();
            if (failure != null && active) {
                pauseAfterFailure();
                pipeline().fireExceptionCaught(failure);
            }
            pauseUnlessWanted();
        }

        @SuppressWarnings("deprecation") // Handle is deprecated, yet what the allocator returns
        private boolean acceptOne(RecvByteBufAllocator.Handle handle) throws IOException {
            int client = socket.accept(clientAddress);
            if (client < 0) {
                return false;
            }
            handle.lastBytesRead(1);
            handle.incMessagesRead(1);
            readPending = false;
            pipeline()
                    .fireChannelRead(
                            new VfioUserChannel(
                                    VfioUserServerChannel.this, new Socket(client), true));
            return true;
        }
    }
}
