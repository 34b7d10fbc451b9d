package io.vfiouser.server.options;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// `docs/limits.md` says what the code does.
class LimitsTableTest {
    @Test
    void tableHasEachLimitWithItsDefaultAndRange() throws IOException {
        List<String> rows =
                Files.readAllLines(table()).stream()
                        .filter(line -> line.startsWith("| `"))
                        .map(LimitsTableTest::checkedCells)
                        .toList();
        assertThat(rows)
                .containsExactlyElementsOf(
                        Arrays.stream(Limit.values()).map(LimitsTableTest::row).toList());
    }

    private static String checkedCells(String line) {
        String[] cells = line.split("\\|", -1);
        return "%s %s %s".formatted(cells[1].strip(), cells[3].strip(), cells[4].strip());
    }

    private static String row(Limit limit) {
        return "`%s` %d %d to %d".formatted(limit, limit.standard(), limit.least(), limit.most());
    }

    /// Tests run in the module's directory, or in the project's.
    private static Path table() {
        Path below = Path.of("docs", "limits.md");
        return Files.exists(below) ? below : Path.of("..").resolve(below);
    }
}
