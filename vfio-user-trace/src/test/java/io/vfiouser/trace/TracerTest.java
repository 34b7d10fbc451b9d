package io.vfiouser.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vfiouser.codec.LegacyEncoder;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Command.Direction;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.RegionRead;
import io.vfiouser.protocol.WireFormat;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TracerTest {
    private final Tracer tracer = new Tracer(RegisterNames.CONFIG_ONLY);
    private Instant now = Instant.EPOCH;

    private TraceEntry entry(Direction direction, Dialect dialect, ByteBuf bytes) {
        now = now.plusNanos(1_500_000);
        return tracer.entry(
                new TracedMessage(now, "dev0", 1, direction, false, dialect, bytes, List.of()));
    }

    private static ByteBuf hex(String digits) {
        return Unpooled.wrappedBuffer(HexFormat.of().parseHex(digits.replace(" ", "")));
    }

    @Test
    void aReplySaysWhatItIsAboutAndHowLongItTook() {
        ByteBuf read =
                hex("05000900 20000000 00000000 00000000 0400000000000000 07000000 02000000");
        ByteBuf reply =
                hex("05000900 22000000 01000000 00000000 0400000000000000 07000000 02000000 0601");
        TraceEntry asked = entry(Direction.CLIENT_TO_SERVER, Dialect.CURRENT, read);
        TraceEntry answered = entry(Direction.SERVER_TO_CLIENT, Dialect.CURRENT, reply);
        assertThat(asked).hasToString("0.000000 dev0 <- REGION_READ config COMMAND (2 bytes)");
        assertThat(answered)
                .hasToString(
                        "0.001500 dev0 -> REGION_READ reply config COMMAND 0x0106 (2 bytes)"
                                + " after 1500 us");
        assertThat(answered.took()).contains(Duration.ofNanos(1_500_000));
    }

    @Test
    void anErrorSaysWhatWasRefused() {
        ByteBuf read =
                hex("05000900 20000000 00000000 00000000 0001000000000000 02000000 04000000");
        entry(Direction.CLIENT_TO_SERVER, Dialect.CURRENT, read);
        ByteBuf error = hex("05000900 10000000 21000000 16000000");
        TraceEntry refused = entry(Direction.SERVER_TO_CLIENT, Dialect.CURRENT, error);
        assertThat(refused.error()).contains(Errno.EINVAL);
        assertThat(refused.toString()).contains("REGION_READ reply EINVAL BAR2+0x100 (4 bytes)");
    }

    @Test
    void theDataOfACommandIsNotKeptUntilItsReply() {
        ByteBuf write = Unpooled.buffer(1 << 20).writeZero(1 << 20);
        write.setBytes(0, hex("05000a00 00001000 00000000 00000000 0400000000000000 02000000"));
        write.setIntLE(28, (1 << 20) - 32);
        entry(Direction.CLIENT_TO_SERVER, Dialect.CURRENT, write);
        write.setZero(0, 1 << 20); // whoever looks at it now sees nothing
        ByteBuf reply = hex("05000a00 10000000 21000000 05000000");
        assertThat(entry(Direction.SERVER_TO_CLIENT, Dialect.CURRENT, reply).toString())
                .contains("REGION_WRITE reply EIO BAR2+0x4 (1048544 bytes)");
    }

    @Test
    void commandsWithoutAnAnswerDoNotCrowdOutLaterOnes() {
        ByteBuf read =
                hex("05000900 20000000 00000000 00000000 0400000000000000 07000000 02000000");
        for (int session = 2; session < 70_000; session++) {
            tracer.entry(
                    new TracedMessage(
                            now,
                            "dev0",
                            session,
                            Direction.CLIENT_TO_SERVER,
                            false,
                            Dialect.CURRENT,
                            read,
                            List.of()));
        }
        entry(Direction.CLIENT_TO_SERVER, Dialect.CURRENT, read);
        ByteBuf error = hex("05000900 10000000 21000000 16000000");
        assertThat(entry(Direction.SERVER_TO_CLIENT, Dialect.CURRENT, error).took()).isPresent();
    }

    @Test
    void repliesOf2021HaveTheNameOfTheirCommand() {
        ByteBuf read = Unpooled.buffer();
        LegacyEncoder.encode(read, 5, new RegionRead(7, 0, 2), false, false);
        entry(Direction.CLIENT_TO_SERVER, Dialect.LEGACY, read);
        ByteBuf reply =
                hex("05000000 22000000 01000000 00000000 0000000000000000 00000000 02000000 4f49");
        assertThat(entry(Direction.SERVER_TO_CLIENT, Dialect.LEGACY, reply).toString())
                .contains("-> REGION_READ reply config VENDOR_ID 0x494f (2 bytes)");
    }

    @Test
    void idsOfClientAndServerAreApart() {
        ByteBuf map = hex("01000200 10000000 00000000 00000000");
        ByteBuf dmaRead =
                hex("01000b00 20000000 00000000 00000000 0000100000000000 0800000000000000");
        ByteBuf dmaReply = hex("01000b00 10000000 21000000 0e000000");
        entry(Direction.CLIENT_TO_SERVER, Dialect.CURRENT, map);
        entry(Direction.SERVER_TO_CLIENT, Dialect.CURRENT, dmaRead);
        assertThat(entry(Direction.CLIENT_TO_SERVER, Dialect.CURRENT, dmaReply).toString())
                .contains("<- DMA_READ reply EFAULT");
    }

    @Test
    void takesAnyBytes() {
        var random = new Random(7);
        for (int round = 0; round < 50_000; round++) {
            byte[] bytes = new byte[WireFormat.HEADER_SIZE + random.nextInt(80)];
            random.nextBytes(bytes);
            bytes[2] = (byte) random.nextInt(20);
            bytes[3] = 0;
            bytes[8] = (byte) random.nextInt(64);
            Direction direction =
                    random.nextBoolean() ? Direction.CLIENT_TO_SERVER : Direction.SERVER_TO_CLIENT;
            Dialect dialect = random.nextBoolean() ? Dialect.CURRENT : Dialect.LEGACY;
            assertThat(entry(direction, dialect, Unpooled.wrappedBuffer(bytes)).toString())
                    .isNotEmpty();
        }
    }
}
