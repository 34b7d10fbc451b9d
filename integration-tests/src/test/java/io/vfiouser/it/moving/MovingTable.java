package io.vfiouser.it.moving;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/// The rows of `docs/from-libvfio-user.md`.
final class MovingTable {
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern CELL = Pattern.compile("(?<!\\\\)\\|");
    private static final int CELLS = 4;

    private MovingTable() {}

    /// One row: a C name, its counterpart, what differs, the tests.
    ///
    /// @param name the C name
    /// @param java the types and members that stand for it, `Type` or `Type.member`
    /// @param differs prose
    /// @param tests `TestClass.method`, at least one
    record Row(String name, List<String> java, String differs, List<String> tests) {}

    /// The rows of all tables whose first column is a C name in backquotes.
    static List<Row> read(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith("| `"))
                .map(MovingTable::row)
                .toList();
    }

    private static Row row(String line) {
        String[] cells = CELL.split(line.strip().substring(1), -1);
        if (cells.length != CELLS + 1) {
            throw new AssertionError("row: " + line + " (expected: " + CELLS + " cells)");
        }
        return new Row(code(cells[0]).getFirst(), code(cells[1]), cells[2].strip(), code(cells[3]));
    }

    private static List<String> code(String cell) {
        return CODE.matcher(cell).results().map(result -> result.group(1)).toList();
    }
}
