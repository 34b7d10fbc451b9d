package io.vfiouser.testkit.junit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;

/// The sockets, eventfds, memfds and pipes that this process has open, by number and identity.
///
/// @param entries such as `7 socket:[4711]`
record OpenDescriptors(Set<String> entries) {
    private static final Duration GRACE = Duration.ofSeconds(2);
    private static final long LOOK_AGAIN_MILLIS = 10;

    /// Kept by the native door for ever once the first memory is mapped.
    private static final String TOMBSTONE = "/memfd:vfio-user-tombstone";

    static OpenDescriptors now() {
        var open = new TreeSet<String>();
        try (var entries = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path entry : entries) {
                add(open, entry);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new OpenDescriptors(open);
    }

    /// Waits, shortly, until all that was opened since is closed: event loops may still be at it.
    ///
    /// @throws AssertionError if something stays open
    void awaitNoMore() throws InterruptedException {
        long deadline = System.nanoTime() + GRACE.toNanos();
        Set<String> surplus = surplus();
        while (!surplus.isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(LOOK_AGAIN_MILLIS);
            surplus = surplus();
        }
        if (!surplus.isEmpty()) {
            throw new AssertionError(
                    "descriptors: " + surplus + " (expected: closed by the end of the test)");
        }
    }

    private Set<String> surplus() {
        var surplus = new TreeSet<>(now().entries);
        surplus.removeAll(entries);
        return surplus;
    }

    private static void add(Set<String> open, Path entry) throws IOException {
        try {
            String target = Files.readSymbolicLink(entry).toString();
            boolean counts =
                    target.startsWith("socket:")
                            || target.startsWith("anon_inode:")
                            || target.startsWith("pipe:")
                            || (target.startsWith("/memfd:") && !target.startsWith(TOMBSTONE));
            if (counts) {
                open.add(entry.getFileName() + " " + target);
            }
        } catch (NoSuchFileException _) {
            // Closed since the directory was read: not open.
        }
    }
}
