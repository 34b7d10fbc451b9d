package io.vfiouser.it.moving;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Each name of the C library has its row, and each row names Java that exists and a test that
/// runs.
class MovingTableTest {
    private static final Path PROJECT = Path.of("..");
    private static final int SEED_NAMES = 99;

    private final List<MovingTable.Row> rows;

    MovingTableTest() throws IOException {
        rows = MovingTable.read(PROJECT.resolve("docs").resolve("from-libvfio-user.md"));
    }

    @Test
    void hasARowForEachName() throws IOException {
        List<String> names = names();
        assertThat(names).hasSizeGreaterThan(SEED_NAMES).doesNotHaveDuplicates();
        assertThat(rows)
                .extracting(MovingTable.Row::name)
                .as("rows against the names of libvfio-user-names.txt")
                .containsExactlyInAnyOrderElementsOf(names);
    }

    @Test
    void namesJavaThatExists() throws IOException {
        var sources = Sources.of(PROJECT, "main");
        assertThat(rows)
                .allSatisfy(row ->
                        assertThat(row.java())
                                .as("counterparts of %s", row.name())
                                .isNotEmpty()
                                .allMatch(sources::declares));
    }

    @Test
    void namesTestsThatRun() throws IOException {
        var sources = Sources.of(PROJECT, "test");
        assertThat(rows)
                .allSatisfy(row ->
                        assertThat(row.tests())
                                .as("tests of %s", row.name())
                                .isNotEmpty()
                                .allMatch(sources::hasTest)
                                .noneMatch(test -> test.contains("GuestTest.")));
    }

    @Test
    void saysWhatDiffersAndLeavesNothingOut() {
        assertThat(rows)
                .allSatisfy(row ->
                        assertThat(row.differs())
                                .as("what differs for %s", row.name())
                                .isNotBlank()
                                .doesNotContainIgnoringCase("not supported"));
    }

    private static List<String> names() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(
                        MovingTableTest.class.getResourceAsStream("/libvfio-user-names.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        }
    }
}
