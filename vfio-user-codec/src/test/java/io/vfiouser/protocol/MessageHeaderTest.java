package io.vfiouser.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vfiouser.os.Errno;
import org.junit.jupiter.api.Test;

final class MessageHeaderTest {
    private static final MessageHeader ERROR =
            new MessageHeader(0xfffe, 0x8001, 0xffffffffL, 0x80000021, 22);

    @Test
    void isWrittenAndReadAtAnyPlace() {
        ByteBuf buffer = Unpooled.buffer().writeZero(3);
        ERROR.write(buffer);
        assertThat(ByteBufUtil.hexDump(buffer, 3, 16))
                .isEqualTo("feff" + "0180" + "ffffffff" + "21000080" + "16000000");
        assertThat(MessageHeader.read(buffer, 3)).isEqualTo(ERROR);
    }

    @Test
    void fieldsAreReadWithoutARecord() {
        ByteBuf buffer = Unpooled.buffer().writeZero(5);
        ERROR.write(buffer);
        assertThat(MessageHeader.messageId(buffer, 5)).isEqualTo(0xfffe);
        assertThat(MessageHeader.commandId(buffer, 5)).isEqualTo(0x8001);
        assertThat(MessageHeader.size(buffer, 5)).isEqualTo(0xffffffffL);
        assertThat(MessageHeader.type(buffer, 5)).isEqualTo(WireFormat.TYPE_REPLY);
        assertThat(MessageHeader.noReply(buffer, 5)).isFalse();
        assertThat(MessageHeader.isError(buffer, 5)).isTrue();
        assertThat(MessageHeader.error(buffer, 5)).isEqualTo(22);
    }

    @Test
    void tellsWhatTheFlagsMean() {
        assertThat(ERROR.isError()).isTrue();
        assertThat(ERROR.noReply()).isFalse();
        assertThat(ERROR.errno()).isEqualTo(Errno.EINVAL);
        var posted = new MessageHeader(0, 10, 32, WireFormat.FLAG_NO_REPLY, 0);
        assertThat(posted.type()).isEqualTo(WireFormat.TYPE_COMMAND);
        assertThat(posted.noReply()).isTrue();
        assertThat(posted.isError()).isFalse();
    }

    @Test
    void refusesFieldsThatDoNotFit() {
        assertThatThrownBy(() -> new MessageHeader(0x10000, 0, 16, 0, 0))
                .hasMessage("messageId: 65536 (expected: 0 to 65535)");
        assertThatThrownBy(() -> new MessageHeader(0, -1, 16, 0, 0))
                .hasMessage("commandId: -1 (expected: 0 to 65535)");
        assertThatThrownBy(() -> new MessageHeader(0, 0, 1L << 32, 0, 0))
                .hasMessage("size: 4294967296 (expected: 0 to 4294967295)");
    }

    @Test
    void regionAccessFieldsAreReadWithoutARecord() {
        ByteBuf buffer = Unpooled.buffer().writeZero(1 + WireFormat.HEADER_SIZE);
        buffer.writeLongLE(-2).writeIntLE(0xdeadbeef).writeIntLE(-1);
        assertThat(buffer.readableBytes() - 1).isEqualTo(RegionAccess.MINIMUM_MESSAGE_SIZE);
        assertThat(RegionAccess.offset(buffer, 1)).isEqualTo(-2);
        assertThat(RegionAccess.region(buffer, 1)).isEqualTo(0xdeadbeef);
        assertThat(RegionAccess.count(buffer, 1)).isEqualTo(-1);
    }
}
