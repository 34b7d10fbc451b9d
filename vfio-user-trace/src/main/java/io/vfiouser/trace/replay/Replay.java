package io.vfiouser.trace.replay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.Command.Direction;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.trace.RegisterNames;
import io.vfiouser.trace.TraceEntry;
import io.vfiouser.trace.TracedMessage;
import io.vfiouser.trace.Tracer;
import io.vfiouser.trace.capture.CaptureReader;
import io.vfiouser.trace.capture.CaptureRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/// Plays a recorded client to a device, and compares what the device answers: a bug report becomes
/// a regression test.
///
/// Messages are sent as they were recorded, with new memory and eventfds in place of the client's,
/// and with the recorded contents of memory if there are any. What the server sends must be the
/// same, byte for byte, except for the ids of its own commands, what VERSION says of its limits,
/// and places that are ignored.
public final class Replay implements AutoCloseable {
    private final List<CaptureRecord> records;
    private final ReplayOptions options;
    private final ReplayConnection connection;
    private final ReplayMemory memory = new ReplayMemory();
    private final Map<Integer, Integer> liveIds = new HashMap<>();
    private Tracer recorded = new Tracer(RegisterNames.CONFIG_ONLY);
    private Tracer live = new Tracer(RegisterNames.CONFIG_ONLY);
    private int sent;
    private int compared;

    private Replay(
            List<CaptureRecord> records, ReplayOptions options, ReplayConnection connection) {
        this.records = records;
        this.options = options;
        this.connection = connection;
    }

    /// Plays a recording to the server behind a socket, and waits for the end.
    ///
    /// @throws IOException if the recording cannot be read
    /// @throws ReplayException if there is no such session in it, or nobody listens
    public static ReplayResult run(Path recording, Path socket, ReplayOptions options)
            throws IOException, InterruptedException {
        return run(CaptureReader.readAll(recording), socket, options);
    }

    /// The same for records that were read already.
    ///
    /// @throws ReplayException if there is no such session in them, or nobody listens
    public static ReplayResult run(List<CaptureRecord> records, Path socket, ReplayOptions options)
            throws InterruptedException {
        return run(records, socket, options, _ -> {});
    }

    /// The same, and tells how far it is.
    ///
    /// @param progress is given the number of records passed, by the caller's thread
    /// @throws ReplayException if there is no such session in them, or nobody listens
    public static ReplayResult run(
            List<CaptureRecord> records, Path socket, ReplayOptions options, LongConsumer progress)
            throws InterruptedException {
        ReplayOptions one = firstOf(records, options);
        try (var replay = new Replay(records, one, new ReplayConnection(socket))) {
            return replay.play(progress);
        }
    }

    @Override
    public void close() {
        connection.close();
        memory.close();
    }

    /// Finds out what "the first" is.
    private static ReplayOptions firstOf(List<CaptureRecord> records, ReplayOptions options) {
        TracedMessage first =
                messages(records, options).stream()
                        .findFirst()
                        .orElseThrow(() ->
                                new ReplayException(
                                        "recording: no message of %s (expected: at least one)"
                                                .formatted(options.device().orElse("any device"))));
        return options.of(first.device(), first.session());
    }

    private static List<TracedMessage> messages(
            List<CaptureRecord> records, ReplayOptions options) {
        return records.stream()
                .filter(CaptureRecord.Message.class::isInstance)
                .map(record -> ((CaptureRecord.Message) record).message())
                .filter(message -> isPlayed(options, message.device(), message.session()))
                .toList();
    }

    private static boolean isPlayed(ReplayOptions options, String device, long session) {
        return options.device().filter(name -> !name.equals(device)).isEmpty()
                && (options.session() == 0 || options.session() == session);
    }

    private ReplayResult play(LongConsumer progress) throws InterruptedException {
        Instant began = Instant.now();
        Instant start = messages(records, options).getFirst().time();
        for (int i = 0; i < records.size(); i++) {
            CaptureRecord record = records.get(i);
            if (!options.device().equals(Optional.of(record.device()))) {
                continue;
            }
            Optional<ReplayResult.Difference> difference = Optional.empty();
            switch (record) {
                case CaptureRecord.Registers registers -> {
                    recorded = new Tracer(registers.names());
                    live = new Tracer(registers.names());
                }
                case CaptureRecord.Memory contents
                        when contents.session() == options.session()
                                && contents.before() == Direction.CLIENT_TO_SERVER ->
                        memory.write(contents.iova(), contents.bytes());
                case CaptureRecord.Message(var message)
                        when message.session() == options.session() -> {
                    if (message.direction() == Direction.CLIENT_TO_SERVER) {
                        if (options.keepTiming()) {
                            waitUntil(began.plus(Duration.between(start, message.time())));
                        }
                        send(message);
                    } else {
                        difference = compare(i + 1, message);
                    }
                }
                case CaptureRecord.Memory _,
                        CaptureRecord.Message _,
                        CaptureRecord.Interrupt _,
                        CaptureRecord.SessionEnd _ -> {}
            }
            progress.accept(i + 1);
            if (difference.isPresent()) {
                return new ReplayResult(sent, compared, difference);
            }
        }
        return new ReplayResult(sent, compared, Optional.empty());
    }

    private static void waitUntil(Instant time) throws InterruptedException {
        Duration left = Duration.between(Instant.now(), time);
        if (left.isPositive()) {
            Thread.sleep(left);
        }
    }

    private void send(TracedMessage message) {
        recorded.entry(message);
        byte[] bytes = ByteBufUtil.getBytes(message.bytes());
        FdBundle descriptors = memory.descriptorsFor(message);
        MessageHeader header = message.header();
        if (header.type() == WireFormat.TYPE_REPLY) {
            int id = liveIds.getOrDefault(header.messageId(), header.messageId());
            bytes[0] = (byte) id;
            bytes[1] = (byte) (id >> 8);
        }
        live.entry(with(message, Unpooled.wrappedBuffer(bytes)));
        connection.send(bytes, descriptors, message.twin());
        sent++;
    }

    private Optional<ReplayResult.Difference> compare(int packet, TracedMessage message)
            throws InterruptedException {
        MessageHeader header = message.header();
        boolean reply = header.type() == WireFormat.TYPE_REPLY;
        TraceEntry expected = recorded.entry(message);
        ByteBuf came =
                reply ? connection.reply(options.timeout()) : connection.command(options.timeout());
        if (came == null) {
            return Optional.of(
                    new ReplayResult.Difference(
                            packet,
                            words(expected),
                            "nothing within " + options.timeout() + ", or the connection closed"));
        }
        TraceEntry actual = live.entry(with(message, came));
        if (!reply) {
            liveIds.put(header.messageId(), MessageHeader.messageId(came, 0));
        }
        if (isSame(message, came, expected, actual)) {
            compared++;
            return Optional.empty();
        }
        String where = words(actual).equals(words(expected)) ? at(message.bytes(), came) : "";
        return Optional.of(
                new ReplayResult.Difference(packet, words(expected), words(actual) + where));
    }

    private boolean isSame(
            TracedMessage message, ByteBuf came, TraceEntry expected, TraceEntry actual) {
        int from = message.header().type() == WireFormat.TYPE_REPLY ? 0 : 2;
        ByteBuf wanted = message.bytes();
        int size = wanted.readableBytes() - from;
        if (came.readableBytes() - from == size
                && ByteBufUtil.equals(wanted, wanted.readerIndex() + from, came, from, size)) {
            return true;
        }
        boolean sameFate =
                expected.command().equals(actual.command())
                        && expected.error().equals(actual.error());
        if (expected.command().equals(Command.VERSION.name())) {
            return sameFate;
        }
        return sameFate && expected.access().filter(this::isIgnored).isPresent();
    }

    private boolean isIgnored(TraceEntry.Access access) {
        return new IgnoredPlaces(options.ignored())
                .has(access.region(), access.offset(), access.register());
    }

    private static TracedMessage with(TracedMessage message, ByteBuf bytes) {
        return new TracedMessage(
                message.time(),
                message.device(),
                message.session(),
                message.direction(),
                message.twin(),
                message.dialect(),
                bytes,
                List.of());
    }

    /// The line without its time.
    private static String words(TraceEntry entry) {
        String line = entry.toString();
        String text = line.substring(line.indexOf(' ') + 1);
        int late = text.lastIndexOf(" after ");
        return late < 0 ? text : text.substring(0, late);
    }

    private static String at(ByteBuf expected, ByteBuf actual) {
        int common = Math.min(expected.readableBytes(), actual.readableBytes());
        for (int i = 0; i < common; i++) {
            byte wanted = expected.getByte(expected.readerIndex() + i);
            byte got = actual.getByte(actual.readerIndex() + i);
            if (wanted != got) {
                return " (byte %d of the message: 0x%02x, expected: 0x%02x)"
                        .formatted(i, got & 0xff, wanted & 0xff);
            }
        }
        return " (%d bytes, expected: %d)"
                .formatted(actual.readableBytes(), expected.readableBytes());
    }
}
