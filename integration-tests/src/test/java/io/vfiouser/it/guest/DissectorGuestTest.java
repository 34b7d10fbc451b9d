package io.vfiouser.it.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.Command.Direction;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.LegacyCommand;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.trace.RegisterNames;
import io.vfiouser.trace.TracedMessage;
import io.vfiouser.trace.capture.Capture;
import io.vfiouser.trace.capture.CaptureRecord;
import io.vfiouser.trace.capture.CaptureSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The dissector in Debian's tshark. Needs no guest, but what the guests' set-up downloads.
@Tag("guest")
final class DissectorGuestTest {
    private static final String PROBLEMS =
            "_ws.malformed || _ws.lua || vfio_user.short || vfio_user.unknown ||"
                    + " vfio_user.unmatched";

    @TempDir Path directory = Path.of("");

    private final List<CaptureRecord> records = new ArrayList<>();
    private int id;

    private void add(
            Direction direction, Dialect dialect, int command, int flags, Object... payload) {
        ByteBuf bytes = Unpooled.buffer();
        bytes.writeShortLE(id).writeShortLE(command).writeIntLE(0).writeIntLE(flags).writeIntLE(0);
        for (Object field : payload) {
            switch (field) {
                case Integer number -> bytes.writeIntLE(number);
                case Long number -> bytes.writeLongLE(number);
                case String text -> {
                    bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
                    bytes.writeByte(0);
                }
                case byte[] data -> bytes.writeBytes(data);
                default -> throw new AssertionError(field);
            }
        }
        bytes.setIntLE(4, bytes.readableBytes());
        records.add(
                new CaptureRecord.Message(
                        new TracedMessage(
                                Instant.EPOCH,
                                "dev0",
                                1,
                                direction,
                                false,
                                dialect,
                                bytes,
                                List.of())));
    }

    private void ask(Command command, Object... payload) {
        id++;
        add(command.direction(), Dialect.CURRENT, command.id(), 0, payload);
    }

    private void answer(Command command, Object... payload) {
        Direction back =
                command.direction() == Direction.CLIENT_TO_SERVER
                        ? Direction.SERVER_TO_CLIENT
                        : Direction.CLIENT_TO_SERVER;
        add(back, Dialect.CURRENT, command.id(), WireFormat.TYPE_REPLY, payload);
    }

    /// Each command with its reply.
    private void everyCommand() {
        ask(Command.VERSION, 0, "{\"capabilities\":{\"max_msg_fds\":16}}");
        answer(Command.VERSION, 0, "{\"capabilities\":{}}");
        ask(Command.DMA_MAP, 32, 3, 0L, 0x10_0000L, 0x1000L);
        answer(Command.DMA_MAP);
        ask(Command.DMA_UNMAP, 48, 1, 0x10_0000L, 0x1000L, 4096L, 8L);
        answer(Command.DMA_UNMAP, 48, 1, 0x10_0000L, 0x1000L, 4096L, 8L, 1L);
        ask(Command.DEVICE_GET_INFO, 16, 0, 0, 0);
        answer(Command.DEVICE_GET_INFO, 16, 3, 9, 5);
        ask(Command.DEVICE_GET_REGION_INFO, 64, 0, 0, 0, 0L, 0L);
        answer(
                Command.DEVICE_GET_REGION_INFO,
                64,
                15,
                0,
                32,
                0x4000L,
                0L,
                0x1_0001,
                0,
                1,
                0,
                0x1000L,
                0x3000L);
        ask(Command.DEVICE_GET_REGION_IO_FDS, 64, 0, 0, 0);
        answer(Command.DEVICE_GET_REGION_IO_FDS, 64, 0, 0, 1, 0x1000L, 4L, 0, 0, 0, 0, 0L, 0L);
        ask(Command.DEVICE_GET_IRQ_INFO, 16, 0, 2, 0);
        answer(Command.DEVICE_GET_IRQ_INFO, 16, 1, 2, 8);
        ask(Command.DEVICE_SET_IRQS, 20, 0x24, 2, 0, 1);
        answer(Command.DEVICE_SET_IRQS);
        ask(Command.REGION_READ, 4L, 7, 2);
        answer(Command.REGION_READ, 4L, 7, 2, new byte[] {6, 1});
        ask(Command.REGION_WRITE, 0L, 2, 4, 0xdead_beef);
        answer(Command.REGION_WRITE, 0L, 2, 4);
        ask(Command.DMA_READ, 0x10_0000L, 8L);
        answer(Command.DMA_READ, 0x10_0000L, 8L, 0x4847_4645_4443_4241L);
        ask(Command.DMA_WRITE, 0x10_0000L, 8L, 0x4847_4645_4443_4241L);
        answer(Command.DMA_WRITE, 0x10_0000L, 8L);
        ask(Command.DEVICE_RESET);
        answer(Command.DEVICE_RESET);
        ask(Command.REGION_WRITE_MULTI, 1L, 0x10L, 2, 4, 0xa5L);
        answer(Command.REGION_WRITE_MULTI, 1L);
        ask(Command.DEVICE_FEATURE, 16, 0x2_0002, 3, 0);
        answer(Command.DEVICE_FEATURE, 16, 0x2_0002, 3, 0);
        ask(Command.MIG_DATA_READ, 12, 4);
        answer(Command.MIG_DATA_READ, 12, 4, 7);
        ask(Command.MIG_DATA_WRITE, 12, 4, 7);
        answer(Command.MIG_DATA_WRITE);
        // As QEMU 10.1 lays it out: a count of 4 bytes, the data, padding.
        ask(Command.DMA_READ, 0x10_0000L, 8L);
        answer(Command.DMA_READ, 0x10_0000L, 8, 0x4847_4645_4443_4241L, 0);
    }

    private Tshark captured() throws IOException {
        Path file = directory.resolve("all.pcapng");
        try (var capture = Capture.to(file, CaptureSettings.DEFAULTS)) {
            capture.tap("dev0", RegisterNames.CONFIG_ONLY);
            records.forEach(capture::add);
        }
        return Tshark.on(file);
    }

    @Test
    void knowsEveryCommandAndTiesRepliesToThem() throws Exception {
        everyCommand();
        Tshark tshark = captured();
        assertThat(tshark.filter(PROBLEMS)).isEmpty();
        List<String> names = tshark.field("vfio_user.name");
        List<String> requests = tshark.field("vfio_user.request");
        for (Command command : Command.values()) {
            assertThat(names).contains(command.name());
        }
        for (int packet = 2; packet < names.size(); packet += 2) {
            assertThat(names.get(packet)).isEqualTo(names.get(packet - 1));
            assertThat(requests.get(packet)).isEqualTo(String.valueOf(packet));
        }
        assertThat(tshark.info())
                .contains(
                        "DMA_MAP 0x100000+0x1000",
                        "REGION_READ reply config COMMAND 0x106 (2)",
                        "REGION_WRITE BAR2+0x0 0xdeadbeef (4)",
                        "DEVICE_GET_REGION_INFO reply BAR0 0x4000 bytes",
                        "DEVICE_SET_IRQS MSI-X trigger 0+1",
                        "DEVICE_FEATURE MIG_DEVICE_STATE set STOP_COPY",
                        "DMA_WRITE 0x100000 0x4847464544434241 (8)");
        assertThat(
                        tshark.info().stream()
                                .filter("DMA_READ reply 0x100000 0x4847464544434241 (8)"::equals))
                .hasSize(2);
    }

    @Test
    void knowsTheDialectOf2021() throws Exception {
        for (LegacyCommand command : LegacyCommand.values()) {
            id++;
            add(
                    Direction.CLIENT_TO_SERVER,
                    Dialect.LEGACY,
                    command.id(),
                    0,
                    new byte[command == LegacyCommand.DIRTY_PAGES ? 8 : 32]);
        }
        id = LegacyCommand.REGION_READ.id();
        add(Direction.SERVER_TO_CLIENT, Dialect.LEGACY, 0, 1, 0L, 0, 2, new byte[] {1, 2});
        Tshark tshark = captured();
        assertThat(tshark.filter("_ws.malformed || _ws.lua")).isEmpty();
        List<String> names = tshark.field("vfio_user.name");
        for (LegacyCommand command : LegacyCommand.values()) {
            assertThat(names).contains(command.name());
        }
        assertThat(tshark.info().getLast()).startsWith("REGION_READ reply BAR0");
    }

    @Test
    void takesMessagesOfAnyLength() throws Exception {
        everyCommand();
        for (CaptureRecord whole : List.copyOf(records)) {
            TracedMessage message = ((CaptureRecord.Message) whole).message();
            for (int size = WireFormat.HEADER_SIZE;
                    size < message.bytes().readableBytes();
                    size++) {
                records.add(
                        new CaptureRecord.Message(
                                new TracedMessage(
                                        message.time(),
                                        "dev0",
                                        2,
                                        message.direction(),
                                        false,
                                        Dialect.CURRENT,
                                        message.bytes().copy(0, size),
                                        List.of())));
            }
        }
        Tshark tshark = captured();
        assertThat(tshark.filter("_ws.malformed || _ws.lua")).isEmpty();
        assertThat(tshark.filter("vfio_user.short")).isNotEmpty();
    }
}
