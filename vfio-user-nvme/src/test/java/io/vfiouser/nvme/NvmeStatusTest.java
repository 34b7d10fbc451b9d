package io.vfiouser.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NvmeStatusTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0x0000 | Successful Completion (0x000)",
                "0x4002 | Invalid Field in Command (0x002, do not retry)",
                "0x2281 | Unrecovered Read Error (0x281)",
                "0x01ff | command specific status (0x1ff)",
                "0x0301 | path related status (0x301)",
                "0x07c1 | vendor specific status (0x7c1)",
                "0x0401 | reserved status (0x401)"
            })
    void hasTheWordsOfTheSpecification(String status, String text) {
        assertThat(NvmeStatus.text(Integer.decode(status))).isEqualTo(text);
    }
}
