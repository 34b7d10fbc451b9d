package io.vfiouser.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Fails a test that leaves descriptors open: compares `/proc/self/fd` before and after it.
///
/// Only descriptors of the kinds this project makes count (sockets, eventfds, memfds, epoll), so a
/// class file that the JVM opened meanwhile does not. A test's clean-up may still be running on an
/// event loop when it returns, so a surplus is given two seconds to go away.
///
/// Use it with `@ExtendWith(NoDescriptorLeaks.class)`, or statically through [#openDescriptors()].
public final class NoDescriptorLeaks implements BeforeEachCallback, AfterEachCallback {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(NoDescriptorLeaks.class);
    private static final Duration GRACE = Duration.ofSeconds(2);

    /// The one descriptor that the native door keeps for ever, opened with the first mapping.
    private static final String TOMBSTONE = "/memfd:vfio-user-tombstone";

    @Override
    public void beforeEach(ExtensionContext context) {
        context.getStore(NAMESPACE).put("before", new Snapshot(openDescriptors()));
    }

    @Override
    public void afterEach(ExtensionContext context) throws InterruptedException {
        var before =
                Objects.requireNonNull(
                        context.getStore(NAMESPACE).get("before", Snapshot.class), "before");
        long deadline = System.nanoTime() + GRACE.toNanos();
        List<String> surplus = surplus(before.descriptors());
        while (!surplus.isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(10);
            surplus = surplus(before.descriptors());
        }
        if (!surplus.isEmpty()) {
            throw new AssertionError("descriptors left open by this test: " + surplus);
        }
    }

    /// The descriptors of this process that are sockets, anonymous inodes, pipes or memfds: number
    /// to what the kernel calls it.
    public static Map<Integer, String> openDescriptors() {
        var open = new TreeMap<Integer, String>();
        try (var entries = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path entry : entries) {
                try {
                    String target = Files.readSymbolicLink(entry).toString();
                    if (isOurs(target)) {
                        open.put(Integer.parseInt(entry.getFileName().toString()), target);
                    }
                } catch (NoSuchFileException _) {
                    // Closed since the directory was read: not open, not ours to count.
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return open;
    }

    private static List<String> surplus(Map<Integer, String> before) {
        var surplus = new ArrayList<String>();
        openDescriptors()
                .forEach((fd, target) -> {
                    if (!target.equals(before.get(fd))) {
                        surplus.add(fd + " -> " + target);
                    }
                });
        return surplus;
    }

    private static boolean isOurs(String target) {
        return target.startsWith("socket:")
                || target.startsWith("anon_inode:")
                || target.startsWith("pipe:")
                || (target.startsWith("/memfd:") && !target.startsWith(TOMBSTONE));
    }

    private record Snapshot(Map<Integer, String> descriptors) {}
}
