package io.vfiouser.filters;

import java.nio.file.Files;
import java.nio.file.Path;

/// Whether a file that switches faults on is there.
final class Trigger {
    private static final Path ALWAYS = Path.of("/");

    private final Path file;

    Trigger(Path file) {
        this.file = file;
    }

    boolean isThere() {
        return file.equals(ALWAYS) || Files.exists(file);
    }
}
