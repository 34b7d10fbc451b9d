package io.vfiouser.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.concurrent.Future;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.MessageSocket;
import io.vfiouser.os.PeerCredentials;
import io.vfiouser.os.PeerDescriptors;
import io.vfiouser.os.Platform;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ConnectionPendingException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A Unix stream socket that carries bytes and descriptors.
///
/// Joins any event loop of Netty's epoll transport. Reads arrive as plain `ByteBuf`s, and as
/// [Chunk]s when descriptors came with them; both can be written. What is written is released, and
/// its descriptors are closed, when it was sent or could not be.
///
/// Make one with the no-argument constructor and connect it, mostly through `Bootstrap`; those of a
/// [VfioUserServerChannel] come connected.
public final class VfioUserChannel extends AbstractChannel implements UnixChannel, DuplexChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false);

    static {
        Platform.ensureSupported();
    }

    private final Socket socket;
    private final VfioUserChannelConfig config;
    private final EpollInterest interest;
    private final StreamInput input;
    private final StreamWriter writer;
    private volatile boolean active;
    private volatile boolean closed;
    private boolean suspended;
    private @Nullable Connector connector;
    private @Nullable LoopHandler loopHandler;

    /// Makes an unconnected channel.
    public VfioUserChannel() {
        this(null, Socket.newSocketDomain(), false);
    }

    /// Makes a channel of a connected stream socket, such as one end of a socket pair.
    ///
    /// @param connected belongs to the channel from now on; made non-blocking
    public VfioUserChannel(FileDescriptor connected) {
        this(null, nonBlocking(connected), true);
    }

    VfioUserChannel(@Nullable Channel parent, Socket socket, boolean connected) {
        super(parent);
        this.socket = socket;
        this.active = connected;
        this.config = new VfioUserChannelConfig(this, socket);
        this.interest = new EpollInterest(EpollInterest.PEER_SHUTDOWN, connected);
        var messages = new MessageSocket(socket);
        this.input = new StreamInput(this, socket, messages, interest);
        this.writer = new StreamWriter(messages, interest);
    }

    /// Who is at the other end, as the kernel noted when it was connected. Any thread may ask.
    ///
    /// @throws io.vfiouser.os.NativeCallException if the channel is closed
    public PeerCredentials peerCredentials() {
        return PeerCredentials.of(socket);
    }

    /// Hands over bytes past the pipeline from now on. Reading then goes on until auto-read is
    /// switched off: a single `read()` is not limited to one message. On the loop, or before the
    /// channel is registered.
    ///
    /// @param receiver also a handler of the pipeline, the first one
    public void receiver(StreamReceiver receiver) {
        input.receiver(receiver);
    }

    /// The socket; stays with the channel.
    @Override
    public FileDescriptor fd() {
        return socket;
    }

    @Override
    public VfioUserChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return !closed && socket.isOpen();
    }

    @Override
    public boolean isActive() {
        return active;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    public boolean isInputShutdown() {
        return socket.isInputShutdown();
    }

    @Override
    public boolean isOutputShutdown() {
        return socket.isOutputShutdown();
    }

    @Override
    public boolean isShutdown() {
        return socket.isShutdown();
    }

    @Override
    public ChannelFuture shutdownInput() {
        return shutdownInput(newPromise());
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        onLoop(() -> input.shutdown(promise));
        return promise;
    }

    @Override
    public ChannelFuture shutdownOutput() {
        return shutdownOutput(newPromise());
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        onLoop(() -> streamUnsafe().shutdownOutput(promise));
        return promise;
    }

    @Override
    public ChannelFuture shutdown() {
        return shutdown(newPromise());
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
        onLoop(() -> {
            ChannelPromise output = newPromise();
            streamUnsafe().shutdownOutput(output);
            if (output.isSuccess()) {
                input.shutdown(promise);
            } else {
                promise.tryFailure(output.cause());
            }
        });
        return promise;
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new StreamUnsafe();
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return loop instanceof IoEventLoop io && io.isCompatible(StreamUnsafe.class);
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return socket.localDomainSocketAddress();
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return socket.remoteDomainSocketAddress();
    }

    @Override
    protected void doRegister(ChannelPromise promise) {
        ((IoEventLoop) eventLoop())
                .register(streamUnsafe())
                .addListener((Future<IoRegistration> granted) -> {
                    if (granted.isSuccess()) {
                        interest.register(granted.getNow());
                        promise.setSuccess();
                    } else {
                        promise.setFailure(granted.cause());
                    }
                });
    }

    @Override
    protected void doDeregister() {
        interest.cancel();
        forgetLoop();
    }

    @Override
    protected void doBind(SocketAddress local) throws IOException {
        SocketPath.bind(socket, local, SocketPermissions.DEFAULT);
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    protected void doClose() {
        active = false;
        Connector pending = connector;
        connector = null;
        if (pending != null) {
            pending.abandon();
        }
        interest.cancel();
        forgetLoop();
        if (!closed) {
            closed = true;
            PeerDescriptors.closeConnection(socket);
        }
    }

    private void forgetLoop() {
        LoopHandler loop = loopHandler;
        loopHandler = null;
        if (loop != null) {
            loop.forget(streamUnsafe());
        }
    }

    @Override
    protected void doShutdownOutput() throws IOException {
        socket.shutdown(false, true);
    }

    @Override
    protected void doBeginRead() {
        input.request();
    }

    @Override
    protected Object filterOutboundMessage(Object message) {
        return StreamWriter.accept(message, alloc());
    }

    /// Leaves the socket alone: nothing is read or sent, and its end is not noticed, until
    /// [#resume()]. Somebody else may use it meanwhile. On the loop only.
    public void suspend() {
        suspended = true;
        interest.suspend();
    }

    /// Goes on after [#suspend()]. On the loop only.
    public void resume() {
        if (suspended) {
            suspended = false;
            interest.resume();
            streamUnsafe().flushNow();
        }
    }

    /// What was flushed and has not been sent, oldest first: `ByteBuf`s, and [Chunk]s with the
    /// descriptors that have not left. On the loop only.
    ///
    /// @return borrowed, until the channel sends again
    public List<Object> unsent() {
        ChannelOutboundBuffer queue = unsafe().outboundBuffer();
        var messages = new ArrayList<>();
        if (queue != null) {
            try {
                queue.forEachFlushedMessage(messages::add);
            } catch (Exception e) {
                throw new AssertionError(e); // adding to a list throws none
            }
        }
        return messages;
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer out) throws IOException {
        if (suspended) {
            return;
        }
        if (!writer.write(out, config.getWriteSpinCount())) {
            // The peer takes it as fast as we write: let the other channels of the loop have a
            // turn.
            eventLoop().execute(streamUnsafe()::flushNow);
        }
    }

    /// Sends bytes at once, past the pipeline and the queue, if nothing is queued before them: the
    /// shortest way out for a small message. On the loop only.
    ///
    /// What could be sent is skipped in `bytes`, which stays the caller's. The rest, and a broken
    /// connection, is for `write`, which meets the same end again.
    ///
    /// @param bytes direct memory
    /// @return whether all of them have left
    public boolean sendNow(ByteBuf bytes) {
        return isIdleOutbound() && writer.sendNow(bytes);
    }

    /// As [#sendNow(ByteBuf)], of two buffers one behind the other: a head made for the occasion,
    /// and data that lies elsewhere.
    public boolean sendNow(ByteBuf head, ByteBuf data) {
        return isIdleOutbound() && writer.sendNow(head, data);
    }

    private boolean isIdleOutbound() {
        ChannelOutboundBuffer queue = unsafe().outboundBuffer();
        return active && !suspended && queue != null && queue.totalPendingWriteBytes() == 0;
    }

    /// Auto-read was switched off. On the loop no further read follows; on another thread one that
    /// was asked for already may.
    void stopReading() {
        if (!isRegistered()) {
            return;
        }
        if (eventLoop().inEventLoop()) {
            input.pause();
        } else {
            eventLoop().execute(input::pauseUnlessOn);
        }
    }

    void connected(ChannelPromise promise) {
        connector = null;
        active = true;
        interest.enable();
        boolean wanted = promise.trySuccess();
        pipeline().fireChannelActive();
        if (!wanted) {
            closeNow(); // cancelled meanwhile
        }
    }

    void connectFailed() {
        connector = null;
        closeNow();
    }

    void closeNow() {
        unsafe().close(unsafe().voidPromise());
    }

    boolean isEdgeTriggered() {
        return interest.isEdgeTriggered();
    }

    long sendCalls() {
        return writer.sendCalls();
    }

    long receiveCalls() {
        return input.receiveCalls();
    }

    private static Socket nonBlocking(FileDescriptor connected) {
        Descriptors.setNonBlocking(connected);
        return new Socket(connected.intValue());
    }

    private StreamUnsafe streamUnsafe() {
        return (StreamUnsafe) unsafe();
    }

    private void onLoop(Runnable task) {
        EventLoop loop = eventLoop();
        if (loop.inEventLoop()) {
            task.run();
        } else {
            loop.execute(task);
        }
    }

    /// What Netty and epoll call, always on the event loop.
    private final class StreamUnsafe extends AbstractUnsafe
            implements EpollIoHandle, LoopHandler.Pollable {
        @Override
        public FileDescriptor fd() {
            return socket;
        }

        @Override
        public void close() {
            close(voidPromise());
        }

        @Override
        public void registeredWith(LoopHandler loop) {
            loopHandler = loop;
        }

        @Override
        public boolean poll() {
            return active && !suspended && input.poll();
        }

        @Override
        public void connect(
                SocketAddress remote, @Nullable SocketAddress local, ChannelPromise promise) {
            if (promise.isDone() || !ensureOpen(promise)) {
                return;
            }
            try {
                if (active) {
                    throw new AlreadyConnectedException();
                }
                if (connector != null) {
                    throw new ConnectionPendingException();
                }
                DomainSocketAddress address = SocketPath.checkAddress(remote);
                if (local != null) {
                    doBind(local);
                }
                connector = new Connector(VfioUserChannel.this, address, promise);
                connector.attempt();
            } catch (IOException | RuntimeException e) {
                promise.tryFailure(e);
            }
        }

        /// Lets nothing escape: the loop would drop the other events it has, which epoll does not
        /// report again for channels that are watched edge-triggered.
        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            if (!active || suspended) {
                return;
            }
            try {
                handle(EpollInterest.bits(event));
            } catch (RuntimeException | Error e) {
                pipeline().fireExceptionCaught(e);
                closeNow();
            }
        }

        private void handle(int bits) {
            if ((bits & (EpollInterest.OUT | EpollInterest.ERROR)) != 0) {
                flushNow();
            }
            LoopHandler loop = loopHandler;
            if (loop != null) {
                loop.hadInput(this);
            }
            input.ready(bits);
        }

        /// While epoll is waited for, a flush could only learn again that the queue is full.
        @Override
        protected void flush0() {
            if (!interest.contains(EpollInterest.OUT)) {
                super.flush0();
            }
        }

        void flushNow() {
            super.flush0();
        }
    }
}
