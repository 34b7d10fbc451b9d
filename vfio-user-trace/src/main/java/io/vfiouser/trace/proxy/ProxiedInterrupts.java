package io.vfiouser.trace.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.irq.IrqLine;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.NativeCallException;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.LegacyCommand;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.transport.FdWatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stands in the interrupts of one client: the server gets eventfds of the proxy in place of the
/// client's, so that each interrupt is seen, and can be held back. Belongs to the loop.
///
/// What a DEVICE_SET_IRQS brings works from the moment it is passed on; if the server refuses it,
/// it is taken back, and what was before stays.
final class ProxiedInterrupts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProxiedInterrupts.class);

    /// Interrupts passed on for one signal of the server's, which may stand for many.
    private static final int MAX_AT_ONCE = 256;

    /// Replies that are waited for; a client could leave out any number of them.
    private static final int MAX_OPEN = 1024;

    /// Relays that are kept for those replies, each with two descriptors; beyond, changes are final
    /// at once, whatever the server says.
    private static final int MAX_KEPT = 4096;

    private static final int MAX_VECTORS = 2048;

    private final EventLoop loop;
    private final int setIrqs;
    private final Fired fired;
    private final Map<Vector, Relay> relays = new HashMap<>();
    private final Map<Integer, Change> open = new HashMap<>();

    /// Those that the open changes would bring back.
    private int kept;

    /// @param fired is told of each interrupt of the server
    ProxiedInterrupts(EventLoop loop, Dialect dialect, Fired fired) {
        this.loop = loop;
        this.fired = fired;
        this.setIrqs =
                switch (dialect) {
                    case CURRENT -> Command.DEVICE_SET_IRQS.id();
                    case LEGACY -> LegacyCommand.DEVICE_SET_IRQS.id();
                };
    }

    /// Hears of an interrupt of the server's, and passes it on with [#line].
    interface Fired {
        void interrupt(IrqIndex index, int vector);
    }

    /// A message of the client is about to be passed on.
    ///
    /// @param bytes borrowed
    /// @param descriptors taken over
    /// @return what goes along with it
    FdBundle toServer(ByteBuf bytes, FdBundle descriptors) {
        int start = bytes.readerIndex();
        if (MessageHeader.commandId(bytes, start) != setIrqs
                || MessageHeader.type(bytes, start) != WireFormat.TYPE_COMMAND
                || bytes.readableBytes() < WireFormat.HEADER_SIZE + WireFormat.SET_IRQS_SIZE) {
            return descriptors;
        }
        int body = start + WireFormat.HEADER_SIZE;
        int flags = bytes.getIntLE(body + WireFormat.FLAGS_AT);
        int index = bytes.getIntLE(body + WireFormat.SET_IRQS_INDEX_AT);
        int first = bytes.getIntLE(body + WireFormat.SET_IRQS_START_AT);
        int count = bytes.getIntLE(body + WireFormat.SET_IRQS_COUNT_AT);
        boolean sound =
                index >= 0
                        && index < IrqIndex.COUNT
                        && first >= 0
                        && first < MAX_VECTORS
                        && count >= 0
                        && count <= MAX_VECTORS - first
                        && descriptors.count() <= count;
        if (!sound) {
            return descriptors; // the server says what is wrong with it
        }
        if (flags == (WireFormat.IRQ_ACTION_TRIGGER | WireFormat.IRQ_DATA_EVENTFD)) {
            return replaced(bytes, new Range(IrqIndex.of(index), first, count), descriptors);
        }
        if (flags == (WireFormat.IRQ_ACTION_TRIGGER | WireFormat.IRQ_DATA_NONE) && count == 0) {
            begin(bytes, new Range(IrqIndex.of(index), 0, MAX_VECTORS), Map.of());
        }
        return descriptors;
    }

    /// A message of the server has come.
    void fromServer(ByteBuf bytes) {
        int start = bytes.readerIndex();
        if (open.isEmpty() || MessageHeader.type(bytes, start) != WireFormat.TYPE_REPLY) {
            return;
        }
        Change change = open.remove(MessageHeader.messageId(bytes, start));
        if (change == null) {
            return;
        }
        kept -= change.before.size();
        if (MessageHeader.isError(bytes, start)) {
            takeBack(change);
        } else {
            change.close();
        }
    }

    /// What fires an interrupt of the client's; found anew at each use.
    IrqLine line(IrqIndex index, int vector) {
        return new CurrentLine(new Vector(index, vector));
    }

    /// The interrupt that the driver listens to: of MSI-X if the client has armed that, else of
    /// MSI, else INTx.
    IrqLine preferred(int vector) {
        for (IrqIndex index : List.of(IrqIndex.MSIX, IrqIndex.MSI)) {
            if (relays.containsKey(new Vector(index, vector))) {
                return line(index, vector);
            }
        }
        return line(IrqIndex.INTX, vector);
    }

    @Override
    public void close() {
        open.values().forEach(Change::close);
        open.clear();
        kept = 0;
        relays.values().forEach(Relay::close);
        relays.clear();
    }

    private FdBundle replaced(ByteBuf bytes, Range range, FdBundle descriptors) {
        var made = new HashMap<Vector, Relay>();
        var passed = new ArrayList<FileDescriptor>();
        try {
            for (int i = 0; i < descriptors.count(); i++) {
                var vector = new Vector(range.index, range.first + i);
                Relay relay = relay(vector, descriptors.peek(i));
                made.put(vector, relay);
                passed.add(Descriptors.duplicate(relay.watch.event().fd()));
            }
        } catch (NativeCallException e) {
            LOG.warn("interrupts go past the proxy: {}", e.getMessage());
            made.values().forEach(Relay::close);
            FdBundle.ofOwned(passed).close();
            return descriptors;
        }
        descriptors.close();
        begin(bytes, range, made);
        return FdBundle.ofOwned(passed);
    }

    private Relay relay(Vector vector, FileDescriptor clients) {
        EventFd client = EventFd.adopt(Descriptors.duplicate(clients));
        try {
            EventFd servers = EventFd.create();
            return new Relay(
                    client,
                    FdWatch.start(
                            loop,
                            servers,
                            count -> {
                                for (long i = 0; i < Math.min(count, MAX_AT_ONCE); i++) {
                                    fired.interrupt(vector.index, vector.number);
                                }
                            }));
        } catch (NativeCallException e) {
            client.close();
            throw e;
        }
    }

    private void begin(ByteBuf bytes, Range range, Map<Vector, Relay> made) {
        Map<Vector, Relay> before = new HashMap<>();
        relays.forEach((vector, relay) -> {
            if (range.has(vector)) {
                before.put(vector, relay);
            }
        });
        relays.keySet().removeAll(before.keySet());
        relays.putAll(made);
        var change = new Change(made, before);
        int start = bytes.readerIndex();
        if (MessageHeader.noReply(bytes, start)
                || open.size() >= MAX_OPEN
                || kept + before.size() > MAX_KEPT) {
            change.close();
            return;
        }
        kept += before.size();
        Change same = open.put(MessageHeader.messageId(bytes, start), change);
        if (same != null) {
            kept -= same.before.size();
            same.close();
        }
    }

    private void takeBack(Change change) {
        change.made.forEach((vector, relay) -> {
            relays.remove(vector, relay);
            relay.close();
        });
        change.before.forEach((vector, relay) -> {
            if (relays.putIfAbsent(vector, relay) != null) {
                relay.close();
            }
        });
    }

    private record Vector(IrqIndex index, int number) {}

    private record Range(IrqIndex index, int first, int count) {
        boolean has(Vector vector) {
            return vector.index == index && vector.number >= first && vector.number - first < count;
        }
    }

    /// What a request did. Closing it makes that final.
    ///
    /// @param before what was there, to be put back if the server refuses
    private record Change(Map<Vector, Relay> made, Map<Vector, Relay> before)
            implements AutoCloseable {
        @Override
        public void close() {
            before.values().forEach(Relay::close);
        }
    }

    /// From the server's eventfd to the client's.
    private record Relay(EventFd client, FdWatch watch) implements AutoCloseable {
        @Override
        public void close() {
            watch.close();
            client.close();
        }
    }

    private final class CurrentLine implements IrqLine {
        private final Vector vector;

        private CurrentLine(Vector vector) {
            this.vector = vector;
        }

        @Override
        public boolean trigger() {
            Relay relay = relays.get(vector);
            return relay != null && relay.client.signal();
        }

        @Override
        public boolean raise() {
            return trigger();
        }

        @Override
        public void lower() {}

        @Override
        public boolean isArmed() {
            return relays.containsKey(vector);
        }
    }
}
