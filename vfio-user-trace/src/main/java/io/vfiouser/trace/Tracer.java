package io.vfiouser.trace;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vfiouser.codec.WireTrace;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.LegacyCommand;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.RegionAccess;
import io.vfiouser.protocol.WireFormat;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Makes an entry of each message of one or more devices, in the order in which they went by.
///
/// Remembers commands until their reply comes, so that the reply can say what it is about and how
/// long it took. Takes any bytes and never throws for them. One thread at a time.
public final class Tracer {
    /// Commands without an answer that are remembered, the latest ones; a peer could send any
    /// number of them.
    private static final int MAX_OPEN = 1 << 16;

    private final Function<String, RegisterNames> names;
    private final Map<Key, TracedMessage> open =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Key, TracedMessage> eldest) {
                    return size() > MAX_OPEN;
                }
            };
    private @Nullable Instant start;

    /// A tracer for devices that are known.
    ///
    /// @param names of a device's registers, by the device's name; [RegisterNames#CONFIG_ONLY] for
    ///   one of which nothing is known
    public Tracer(Function<String, RegisterNames> names) {
        this.names = Objects.requireNonNull(names, "names");
    }

    /// A tracer for one device, or for several of the same kind.
    public Tracer(RegisterNames names) {
        this(_ -> names);
    }

    /// What a message says.
    public TraceEntry entry(TracedMessage message) {
        if (start == null) {
            start = message.time();
        }
        MessageHeader header = message.header();
        boolean reply = header.type() == WireFormat.TYPE_REPLY;
        TracedMessage asked = reply ? open.remove(Key.of(message, header)) : null;
        if (!reply && !header.noReply()) {
            Key key = Key.of(message, header);
            open.remove(key); // so that it counts as the latest
            open.put(key, start(message));
        }
        int command = asked == null ? header.commandId() : asked.header().commandId();
        Optional<TraceEntry.Access> access = access(message, header, command, asked);
        return new TraceEntry(
                Duration.between(start, message.time()),
                message.device(),
                message.session(),
                message.direction(),
                message.twin(),
                WireTrace.name(command, message.dialect()),
                header.messageId(),
                reply,
                header.noReply(),
                header.isError() ? Optional.of(header.errno()) : Optional.empty(),
                access,
                access.isPresent()
                        ? ""
                        : WireTrace.fields(message.bytes(), command, message.dialect()),
                message.descriptors(),
                asked == null
                        ? Optional.empty()
                        : Optional.of(Duration.between(asked.time(), message.time())));
    }

    /// A time as entries show it: seconds since the first message, or 0 before it.
    public String clock(Instant time) {
        Instant first = start;
        return TraceEntry.seconds(first == null ? Duration.ZERO : Duration.between(first, time));
    }

    /// Forgets the commands of a client that is gone.
    public void sessionEnded(String device, long session) {
        open.keySet().removeIf(key -> key.device.equals(device) && key.session == session);
    }

    /// As much of a command as its reply needs: its data may be large.
    private static TracedMessage start(TracedMessage message) {
        ByteBuf bytes = message.bytes();
        int size = Math.min(bytes.readableBytes(), RegionAccess.MINIMUM_MESSAGE_SIZE);
        byte[] copy = new byte[size];
        bytes.getBytes(bytes.readerIndex(), copy);
        return new TracedMessage(
                message.time(),
                message.device(),
                message.session(),
                message.direction(),
                message.twin(),
                message.dialect(),
                Unpooled.wrappedBuffer(copy),
                List.of());
    }

    private Optional<TraceEntry.Access> access(
            TracedMessage message,
            MessageHeader header,
            int command,
            @Nullable TracedMessage asked) {
        boolean isRead = isRegion(command, Command.REGION_READ, message.dialect());
        if (!isRead && !isRegion(command, Command.REGION_WRITE, message.dialect())) {
            return Optional.empty();
        }
        // The reply may be a header only, and in the legacy dialect it does not say where.
        ByteBuf place = asked == null ? message.bytes() : asked.bytes();
        if (place.readableBytes() < RegionAccess.MINIMUM_MESSAGE_SIZE) {
            return Optional.empty();
        }
        int region = RegionAccess.region(place, place.readerIndex());
        long offset = RegionAccess.offset(place, place.readerIndex());
        long count = Integer.toUnsignedLong(RegionAccess.count(place, place.readerIndex()));
        boolean hasData = isRead == (header.type() == WireFormat.TYPE_REPLY) && !header.isError();
        return Optional.of(
                new TraceEntry.Access(
                        RegisterNames.regionName(region),
                        offset,
                        names.apply(message.device()).register(region, offset, count),
                        count,
                        hasData ? value(message.bytes(), count) : Optional.empty()));
    }

    private static boolean isRegion(int id, Command command, Dialect dialect) {
        return switch (dialect) {
            case CURRENT -> id == command.id();
            case LEGACY ->
                    LegacyCommand.of(id)
                            .flatMap(LegacyCommand::counterpart)
                            .equals(Optional.of(command));
        };
    }

    private static Optional<String> value(ByteBuf bytes, long count) {
        int at = bytes.readerIndex() + RegionAccess.MINIMUM_MESSAGE_SIZE;
        int size = (int) Math.min(count, bytes.writerIndex() - at);
        if (size <= 0) {
            return Optional.empty();
        }
        int shown = Math.min(size, Long.BYTES);
        var hex = new StringBuilder("0x");
        for (int i = shown - 1; i >= 0; i--) {
            hex.append(Character.forDigit(bytes.getByte(at + i) >> 4 & 0xf, 16));
            hex.append(Character.forDigit(bytes.getByte(at + i) & 0xf, 16));
        }
        return Optional.of(hex.append(size > shown ? ".." : "").toString());
    }

    /// A command by what its reply echoes. Client and server count their ids on their own.
    private record Key(
            String device, long session, Command.Direction asker, boolean twin, int messageId) {
        static Key of(TracedMessage message, MessageHeader header) {
            boolean reply = header.type() == WireFormat.TYPE_REPLY;
            boolean fromClient = message.direction() == Command.Direction.CLIENT_TO_SERVER;
            return new Key(
                    message.device(),
                    message.session(),
                    fromClient != reply
                            ? Command.Direction.CLIENT_TO_SERVER
                            : Command.Direction.SERVER_TO_CLIENT,
                    message.twin(),
                    header.messageId());
        }
    }
}
