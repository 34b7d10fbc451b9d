package io.vfiouser.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.cli.failure.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CpuListTest {
    @Test
    void readsNumbersAndRanges() {
        assertThat(CpuList.parse("--cpus", "7")).containsExactly(7);
        assertThat(CpuList.parse("--cpus", "2-5,8,0")).containsExactly(2, 3, 4, 5, 8, 0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "a", "1,", ",1", "5-2", "-1", "1-", "8192", "0-8192", "99999", "1 2"})
    void refusesWhatIsNoListOfCpus(String text) {
        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> CpuList.parse("--cpus", text))
                .withMessageStartingWith("--cpus: ")
                .withMessageEndingWith(" (expected: CPUs, as in 2-5,8)");
    }
}
