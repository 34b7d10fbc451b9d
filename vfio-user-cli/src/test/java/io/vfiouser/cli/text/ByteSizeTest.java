package io.vfiouser.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "65536, 65536",
        "1K, 1024",
        "512M, 536870912",
        "2GiB, 2147483648",
        "3TB, 3298534883328",
        "0x1000, 4096",
        "9223372036854775807, 9223372036854775807",
        "7E, 8070450532247928832"
    })
    void readsSizes(String text, long bytes) {
        assertThat(ByteSize.parse(text)).contains(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "M",
                "-1",
                "+1",
                "1.5M",
                "512m",
                "512 M",
                "8E",
                "9223372036854775808",
                "99999999999999999999",
                "0x",
                "0x8000000000000000",
                "\u0661"
            })
    void refusesWhatIsNoSize(String text) {
        assertThat(ByteSize.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1000, 1000",
        "1024, 1K",
        "1536, 1536",
        "536870912, 512M",
        "1099511627776, 1T",
        "-9223372036854775808, 8E"
    })
    void writesTheShortestExactText(long bytes, String text) {
        assertThat(ByteSize.format(bytes)).isEqualTo(text);
    }
}
