package io.vfiouser.trace.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.region.Region;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.device.region.RegisterBlock;
import io.vfiouser.filters.DeviceFilter;
import io.vfiouser.filters.FilteredDevice;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.LegacyCommand;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.RegionAccess;
import io.vfiouser.protocol.WireFormat;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Lets filters stand before the regions of a device behind a server: the same that stand around a
/// device of our own.
///
/// An access runs through them alone: it begins when all before it are answered, and what comes
/// behind it waits. What a filter lets through goes to the server as it came; what it answers
/// itself, the server does not hear of. Belongs to the loop.
final class RegionFilters implements AutoCloseable {
    private static final int FIXED = RegionAccess.MINIMUM_MESSAGE_SIZE;
    private static final int MAX_DATA = 16 << 20;
    private static final int MAX_HELD = 4096;
    private static final long MAX_HELD_BYTES = 4 << 20;
    private static final int MAX_HELD_DESCRIPTORS = 256;

    private final int readId;
    private final int writeId;
    private final boolean echoes;
    private final BiConsumer<ByteBuf, FdBundle> toServer;
    private final BiConsumer<ByteBuf, FdBundle> toClient;
    private final Consumer<Boolean> waiting;
    private final RemoteDevice remote;
    private final FilteredDevice device;
    private final Map<Integer, RegionHandler> handlers = new HashMap<>();
    private final ArrayDeque<Held> held = new ArrayDeque<>();
    private @Nullable RemoteAccess running;
    private long heldBytes;
    private int heldDescriptors;
    private int unanswered;
    private boolean paused;
    private boolean passing;
    private boolean closed;

    /// Checks that the filters have something to do.
    ///
    /// @throws IllegalArgumentException if one has nothing, such as for a register that is not
    ///   known
    static void check(ProxyOptions options) {
        RegionHandler nowhere = RegisterBlock.builder().build();
        List<DeviceFilter> filters = options.filters().stream().map(Supplier::get).toList();
        FilteredDevice.of(new RemoteDevice(options.names(), _ -> nowhere), filters).close();
    }

    /// Filters of one client.
    ///
    /// @param options has the filters
    /// @param interrupts the client's
    /// @param toServer takes messages over
    /// @param toClient takes messages over
    /// @param waiting told whether so much waits that nothing is to be read from the client
    RegionFilters(
            ProxyOptions options,
            EventLoop loop,
            ProxiedInterrupts interrupts,
            BiConsumer<ByteBuf, FdBundle> toServer,
            BiConsumer<ByteBuf, FdBundle> toClient,
            Consumer<Boolean> waiting) {
        this.readId = number(Command.REGION_READ, options.dialect());
        this.writeId = number(Command.REGION_WRITE, options.dialect());
        this.echoes = options.dialect() == Dialect.CURRENT;
        this.toServer = toServer;
        this.toClient = toClient;
        this.waiting = waiting;
        this.remote = new RemoteDevice(options.names(), _ -> new Forwarding());
        this.device =
                FilteredDevice.of(remote, options.filters().stream().map(Supplier::get).toList());
        DeviceLayout raw = remote.layout();
        DeviceLayout layout = device.layout();
        layout.bars()
                .forEach(
                        (bar, of) -> filter(bar, of.region(), raw.bar(bar).orElseThrow().region()));
        layout.rom().ifPresent(rom -> filter(RemoteDevice.ROM, rom, raw.rom().orElseThrow()));
        layout.vga().ifPresent(vga -> filter(RemoteDevice.VGA, vga, raw.vga().orElseThrow()));
        var config = new Forwarding();
        layout.configHandler()
                .map(around -> around.apply(config))
                .filter(handler -> handler != config)
                .ifPresent(handler -> handlers.put(RemoteDevice.CONFIG, handler));
        device.attach(new ProxiedContext(loop, interrupts));
    }

    /// A region that no filter stands before is passed on as it comes.
    @SuppressWarnings("ReferenceEquality") // a filter says "leave it alone" with the very handler
    private void filter(int index, Region region, Region raw) {
        if (region.handler() != raw.handler()) {
            handlers.put(index, region.handler());
        }
    }

    /// A message of the client.
    ///
    /// @param bytes borrowed
    /// @param descriptors taken over
    void fromClient(ByteBuf bytes, FdBundle descriptors) {
        if (isReply(bytes)) {
            // The server may wait for it before it answers what is held up here.
            toServer.accept(bytes.retainedSlice(), descriptors);
        } else if (!held.isEmpty() || running != null || mustWait(bytes)) {
            held.add(new Held(bytes.copy(), descriptors));
            heldBytes += bytes.readableBytes();
            heldDescriptors += descriptors.count();
            if (!paused && isCrowded(1)) {
                paused = true;
                waiting.accept(true);
            }
        } else {
            run(bytes, descriptors);
        }
    }

    /// The server has fired an interrupt: passes it on if the filters let it.
    void interrupt(IrqIndex index, int vector) {
        remote.interrupt(index, vector);
    }

    /// The server reaches for client memory by message.
    ///
    /// @throws DeviceException if a filter refuses
    void dma(AccessMode mode, long iova, long length) {
        device.checkDma(mode, iova, length);
    }

    /// A message of the server without descriptors.
    ///
    /// @param bytes borrowed
    /// @return whether it was the answer to an access that runs through the filters
    boolean fromServer(ByteBuf bytes) {
        if (!isReply(bytes)) {
            return false;
        }
        unanswered = Math.max(0, unanswered - 1);
        RemoteAccess access = running;
        if (access == null || !access.waitsFor(bytes)) {
            return false;
        }
        access.answered(bytes);
        return true;
    }

    /// A message of the server has been passed on: what waited for it may run.
    void passedOn() {
        if (passing) {
            return; // an access that a filter answers at once ends in here again
        }
        passing = true;
        try {
            while (!closed && running == null && !held.isEmpty()) {
                if (mustWait(held.getFirst().bytes)) {
                    break;
                }
                runNext();
            }
        } finally {
            passing = false;
        }
        goOn();
    }

    private void runNext() {
        Held next = held.removeFirst();
        heldBytes -= next.bytes.readableBytes();
        heldDescriptors -= next.descriptors.count();
        try {
            run(next.bytes, next.descriptors);
        } finally {
            next.bytes.release();
        }
    }

    private void goOn() {
        if (paused && !isCrowded(2)) {
            paused = false;
            waiting.accept(false);
        }
    }

    /// Whether as much waits as may, or that part of it.
    private boolean isCrowded(int part) {
        return held.size() >= MAX_HELD / part
                || heldBytes >= MAX_HELD_BYTES / part
                || heldDescriptors >= MAX_HELD_DESCRIPTORS / part;
    }

    @Override
    public void close() {
        closed = true;
        for (Held left : held) {
            left.bytes.release();
            left.descriptors.close();
        }
        held.clear();
        RemoteAccess access = running;
        if (access != null) {
            access.abandon();
        }
        device.detach();
        device.close();
    }

    private void run(ByteBuf bytes, FdBundle descriptors) {
        if (!isAccess(bytes)) {
            if (!MessageHeader.noReply(bytes, bytes.readerIndex())) {
                unanswered++;
            }
            toServer.accept(bytes.retainedSlice(), descriptors);
            return;
        }
        descriptors.close();
        start(new RemoteAccess(bytes.copy()));
    }

    private void start(RemoteAccess access) {
        running = access;
        Completion completion;
        try {
            completion = access.run();
        } catch (DeviceException e) {
            finish(access, e);
            return;
        } catch (RuntimeException e) {
            finish(access, e);
            return;
        }
        switch (completion) {
            case Completion.Done _ -> finish(access, null);
            case Completion.Pending(var stage) ->
                    stage.whenComplete((_, error) -> finish(access, error));
        }
    }

    private void finish(RemoteAccess access, @Nullable Throwable error) {
        running = null;
        try {
            if (!closed && !access.noReply) {
                toClient.accept(access.reply(error), FdBundle.empty());
            }
        } finally {
            access.request.release();
        }
        passedOn();
    }

    private boolean mustWait(ByteBuf bytes) {
        return unanswered > 0 && isAccess(bytes);
    }

    private boolean isAccess(ByteBuf bytes) {
        int start = bytes.readerIndex();
        int command = MessageHeader.commandId(bytes, start);
        if ((command != readId && command != writeId) || bytes.readableBytes() < FIXED) {
            return false;
        }
        int count = RegionAccess.count(bytes, start);
        boolean sound =
                command == readId
                        ? count > 0 && count <= MAX_DATA
                        : count > 0 && count == bytes.readableBytes() - FIXED;
        return sound
                && RegionAccess.offset(bytes, start) >= 0
                && handlers.containsKey(RegionAccess.region(bytes, start));
    }

    private static boolean isReply(ByteBuf bytes) {
        return MessageHeader.type(bytes, bytes.readerIndex()) == WireFormat.TYPE_REPLY;
    }

    private static int number(Command command, Dialect dialect) {
        return switch (dialect) {
            case CURRENT -> command.id();
            case LEGACY -> LegacyCommand.of(command).orElseThrow().id();
        };
    }

    private record Held(ByteBuf bytes, FdBundle descriptors) {}

    /// What stands behind the filters: the server.
    private final class Forwarding implements RegionHandler {
        @Override
        public Completion read(long offset, MemorySegment into) {
            return toServer();
        }

        @Override
        public Completion write(long offset, MemorySegment from) {
            return toServer();
        }

        private Completion toServer() {
            RemoteAccess access = running;
            if (access == null) {
                throw new DeviceException(Errno.EIO, "no access at work (expected: one)");
            }
            return access.forward();
        }
    }

    /// An access on its way through the filters.
    private final class RemoteAccess {
        private final ByteBuf request;
        private final int id;
        private final boolean read;
        private final boolean noReply;
        private final byte[] data;
        private final CompletableFuture<Boolean> answer = new CompletableFuture<>();
        private boolean forwarded;

        RemoteAccess(ByteBuf request) {
            this.request = request;
            this.id = MessageHeader.messageId(request, 0);
            this.read = MessageHeader.commandId(request, 0) == readId;
            this.noReply = MessageHeader.noReply(request, 0);
            this.data = new byte[RegionAccess.count(request, 0)];
            if (!read) {
                request.getBytes(FIXED, data);
            }
        }

        Completion run() {
            long offset = RegionAccess.offset(request, 0);
            RegionHandler handler = handlers.get(RegionAccess.region(request, 0));
            if (handler == null) {
                throw new AssertionError("region without a handler");
            }
            MemorySegment bytes = MemorySegment.ofArray(data);
            return read ? handler.read(offset, bytes) : handler.write(offset, bytes);
        }

        Completion forward() {
            toServer.accept(request.copy(), FdBundle.empty());
            if (noReply) {
                return Completion.DONE;
            }
            unanswered++;
            forwarded = true;
            return Completion.after(answer);
        }

        boolean waitsFor(ByteBuf reply) {
            return forwarded
                    && !answer.isDone()
                    && MessageHeader.messageId(reply, reply.readerIndex()) == id;
        }

        void answered(ByteBuf reply) {
            int start = reply.readerIndex();
            if (MessageHeader.isError(reply, start)) {
                Errno errno = MessageHeader.errnoOf(MessageHeader.error(reply, start));
                answer.completeExceptionally(new DeviceException(errno, "refused by the server"));
            } else if (read) {
                int got = Math.min(data.length, reply.readableBytes() - FIXED);
                if (got > 0) {
                    reply.getBytes(start + FIXED, data, 0, got);
                }
                answer.complete(true);
            } else {
                answer.complete(true);
            }
        }

        /// The client has gone: what the server still has to say of it is not waited for.
        void abandon() {
            answer.completeExceptionally(new DeviceException(Errno.EIO, "the client has gone"));
        }

        ByteBuf reply(@Nullable Throwable error) {
            int command = echoes ? MessageHeader.commandId(request, 0) : 0;
            ByteBuf out = Unpooled.buffer(FIXED + data.length);
            if (error != null) {
                int flags = WireFormat.TYPE_REPLY | WireFormat.FLAG_ERROR;
                new MessageHeader(id, command, WireFormat.HEADER_SIZE, flags, errno(error).number())
                        .write(out);
                return out;
            }
            int size = FIXED + (read ? data.length : 0);
            new MessageHeader(id, command, size, WireFormat.TYPE_REPLY, 0).write(out);
            out.writeLongLE(echoes ? RegionAccess.offset(request, 0) : 0);
            out.writeIntLE(echoes ? RegionAccess.region(request, 0) : 0);
            out.writeIntLE(data.length);
            if (read) {
                out.writeBytes(data);
            }
            return out;
        }

        private static Errno errno(Throwable error) {
            Throwable cause = error;
            while (cause instanceof CompletionException && cause.getCause() != null) {
                cause = cause.getCause();
            }
            return cause instanceof DeviceException refused ? refused.errno() : Errno.EIO;
        }
    }
}
