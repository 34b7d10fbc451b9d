package io.vfiouser.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.WireFormat;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CapabilitiesJsonTest {
    private static final Capabilities DEFAULTS = Capabilities.DEFAULTS;

    @Test
    void readsWhatQemuSends() {
        assertThat(
                        read(
                                """
                                {"capabilities": {"migration": {"pgsize": 4096,
                                "max_bitmap_size": 268435456}, "max_msg_fds": 16,
                                "max_data_xfer_size": 1048576, "pgsizes": 4096,
                                "max_dma_maps": 65535, "write_multiple": true}}
                                """))
                .isEqualTo(
                        DEFAULTS.withMaxMsgFds(16)
                                .withMigration(Capabilities.Migration.of(4096))
                                .withWriteMultiple(true));
    }

    @Test
    void readsTwinSocket() {
        assertThat(read("{\"capabilities\":{\"twin_socket\":{\"supported\":true}}}"))
                .isEqualTo(DEFAULTS.withTwinSocket(Capabilities.TwinSocket.WANTED));
        assertThat(read("{\"capabilities\":{\"twin_socket\":{\"supported\":true,\"fd_index\":0}}}"))
                .isEqualTo(DEFAULTS.withTwinSocket(new Capabilities.TwinSocket(true, 0)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"capabilities\":{}}",
                "{\"other\":[1,{\"a\":null}],\"capabilities\":{\"new\":{\"a\":[1.5]},\"x\":\"y\"}}",
                "[1,2]",
                "3",
                "null",
            })
    void missingAndUnknownKeysLeaveTheDefaults(String json) {
        assertThat(read(json)).isEqualTo(DEFAULTS);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "max_msg_fds | -1 | \"-1\" (expected: 0 to 1024)",
                "max_msg_fds | 1025 | \"1025\" (expected: 0 to 1024)",
                "max_msg_fds | 1.0 | \"1.0\" (expected: an integer)",
                "max_msg_fds | 1e2 | \"1e2\" (expected: an integer)",
                "max_msg_fds | \"16\" | \"16\" (expected: an integer)",
                "max_msg_fds | null | \"null\" (expected: an integer)",
                "max_msg_fds | [16] | \"[\" (expected: an integer)",
                "max_msg_fds | true | \"true\" (expected: an integer)",
                "max_data_xfer_size | 0 | \"0\" (expected: 1 to 2147483647)",
                "max_data_xfer_size | -1 | \"-1\" (expected: 1 to 2147483647)",
                "max_data_xfer_size | 4294967297 | \"4294967297\" (expected: 1 to 2147483647)",
                "max_dma_maps | 99999999999999999999 | \"99999999999999999999\" (expected: 0 to"
                        + " 2147483647)",
                "pgsizes | 0 | \"0\" (expected: 1 to 9223372036854775807)",
                "migration | true | \"true\" (expected: an object)",
                "twin_socket | [] | \"[\" (expected: an object)",
                "write_multiple | 1 | \"1\" (expected: true or false)",
                "write_multiple | \"true\" | \"true\" (expected: true or false)",
            })
    void refusesValuesOfTheWrongTypeOrRange(String key, String value, String expected) {
        assertThatThrownBy(() -> read("{\"capabilities\":{\"" + key + "\":" + value + "}}"))
                .isInstanceOf(RequestRejectedException.class)
                .hasMessage(key + ": " + expected)
                .extracting(e -> ((RequestRejectedException) e).errno())
                .isEqualTo(Errno.EINVAL);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{\"migration\":{\"pgsize\":\"4k\"}} | migration.pgsize: \"4k\"",
                "{\"migration\":{\"max_bitmap_size\":-1}} | migration.max_bitmap_size: \"-1\"",
                "{\"twin_socket\":{\"supported\":1}} | twin_socket.supported: \"1\"",
                "{\"twin_socket\":{\"fd_index\":-1}} | twin_socket.fd_index: \"-1\"",
                "7 | capabilities: \"7\" (expected: an object)",
            })
    void namesTheKeyInsideAnObject(String capabilities, String expected) {
        assertThatThrownBy(() -> read("{\"capabilities\":" + capabilities + "}"))
                .isInstanceOf(RequestRejectedException.class)
                .hasMessageStartingWith(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "{\"capabilities\":",
                "{\"capabilities\":{}} {}",
                "{\"capabilities\":{}} x",
                "{\"capabilities\":{},}",
                "{'capabilities':{}}",
                "{\"capabilities\":{},\"capabilities\":{}}",
                "{\"capabilities\":{\"max_msg_fds\":1,\"max_msg_fds\":2}}",
                "{\"capabilities\":{\"max_msg_fds\":007}}",
                "{\"capabilities\":{\"max_msg_fds\":NaN}}",
                "{\"capabilities\":{\"a\0b\":1}}",
                "/* no */ {}",
                " ",
            })
    void refusesWhatIsNoJson(String json) {
        assertThatThrownBy(() -> read(json)).isInstanceOf(RequestRejectedException.class);
    }

    @Test
    void refusesDeepNesting() {
        String bomb = "{\"a\":" + "[".repeat(2000) + "]".repeat(2000) + "}";
        assertThatThrownBy(() -> read(bomb)).isInstanceOf(RequestRejectedException.class);
        String sixteen = "[".repeat(16) + "]".repeat(16);
        assertThat(read(sixteen)).isEqualTo(DEFAULTS);
        assertThatThrownBy(() -> read("[" + sixteen + "]"))
                .isInstanceOf(RequestRejectedException.class);
        var shallow = new CapabilitiesJson(100, 2);
        assertThatThrownBy(
                        () -> shallow.read(Unpooled.copiedBuffer(sixteen, StandardCharsets.UTF_8)))
                .isInstanceOf(RequestRejectedException.class);
    }

    @Test
    void refusesHugeNumbersAndLongTexts() {
        String huge = "{\"capabilities\":{\"max_msg_fds\":" + "9".repeat(3000) + "}}";
        assertThatThrownBy(() -> read(huge)).isInstanceOf(RequestRejectedException.class);
        assertThatThrownBy(() -> read(" ".repeat(4095) + "{}"))
                .hasMessage("capabilities: 4097 bytes (expected: 1 to 4096)");
        assertThatThrownBy(() -> read(""))
                .hasMessage("capabilities: 0 bytes (expected: 1 to 4096)");
    }

    @Test
    void refusesOtherEncodings() {
        byte[] broken = {'{', '"', (byte) 0xc3, '"', ':', '1', '}'};
        assertThatThrownBy(() -> CapabilitiesJson.DEFAULT.read(Unpooled.wrappedBuffer(broken)))
                .hasMessage("capabilities: \"{\\\"\\u00c3\\\":1}\" (expected: UTF-8)");
        byte[] wide = "{}".getBytes(StandardCharsets.UTF_16LE);
        assertThatThrownBy(() -> CapabilitiesJson.DEFAULT.read(Unpooled.wrappedBuffer(wide)))
                .isInstanceOf(RequestRejectedException.class);
    }

    @Test
    void showsNoMoreThanTheStartOfABadText() {
        assertThatThrownBy(() -> read("{\"capabilities\":\n" + "x".repeat(1000)))
                .hasMessageStartingWith("capabilities: \"{\\\"capabilities\\\":\\u000axxx")
                .hasMessageContaining("\"... (expected: JSON")
                .hasMessageNotContaining("x".repeat(65));
    }

    @Test
    void writesOnlyWhatDiffersFromTheDefaults() {
        assertThat(CapabilitiesJson.write(DEFAULTS)).isEqualTo("{\"capabilities\":{}}");
        assertThat(
                        CapabilitiesJson.write(
                                DEFAULTS.withMaxMsgFds(8)
                                        .withMigration(Capabilities.Migration.of(4096))))
                .isEqualTo(
                        "{\"capabilities\":{\"max_msg_fds\":8,\"migration\":{\"pgsize\":4096}}}");
    }

    @Test
    void theFullestReplyOfAServerIsShortEnoughForQemu() {
        Capabilities fullest =
                DEFAULTS.withMaxMsgFds(16)
                        .withMaxDataXferSize(4 << 20)
                        .withMaxDmaMaps(1024)
                        .withMigration(Capabilities.Migration.of(4096))
                        .withTwinSocket(new Capabilities.TwinSocket(true, 0));
        assertThat(CapabilitiesJson.write(fullest).length() + 1)
                .isLessThanOrEqualTo(WireFormat.VERSION_REPLY_TEXT_LIMIT);
        assertThat(
                        CapabilitiesJson.write(DEFAULTS.withMaxMsgFds(16).withWriteMultiple(true))
                                .length())
                .isLessThan(WireFormat.VERSION_REPLY_TEXT_LIMIT);
    }

    private static Capabilities read(String json) {
        return CapabilitiesJson.DEFAULT.read(Unpooled.copiedBuffer(json, StandardCharsets.UTF_8));
    }
}
