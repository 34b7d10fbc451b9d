package io.vfiouser.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The table of `docs/metrics.md` is the enum's.
class MetricTableTest {
    @Test
    void theDocumentHasEachMeterAsItIs() throws IOException {
        List<String> table =
                Files.readAllLines(Path.of("../docs/metrics.md")).stream()
                        .filter(line -> line.startsWith("| `vfio"))
                        .toList();
        assertThat(table)
                .containsExactlyElementsOf(
                        Arrays.stream(Metric.values()).map(MetricTableTest::row).toList());
    }

    private static String row(Metric metric) {
        String tags =
                metric.tags().stream()
                        .map(tag -> "`" + tag + "`")
                        .collect(Collectors.joining(", "));
        return "| `%s` | %s | %s | %s |"
                .formatted(metric.meter(), tags, metric.unit(), metric.description());
    }
}
