package io.vfiouser.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where a [Rehearsal] has its sockets. They are removed at its end, and if the process is told to
/// end before. From any thread.
final class RehearsalFiles implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RehearsalFiles.class);

    private final Path directory;
    private final String prefix;
    private final Optional<Path> made;
    private final Queue<Path> sockets = new ConcurrentLinkedQueue<>();
    private final Thread atExit = new Thread(this::remove, "rehearsal-files");

    private RehearsalFiles(Path directory, String prefix, Optional<Path> made) {
        this.directory = directory;
        this.prefix = prefix;
        this.made = made;
    }

    /// @param instead is used where no directory for temporary files can be made
    static RehearsalFiles make(Path instead) {
        RehearsalFiles files;
        try {
            Path own = Files.createTempDirectory("vfio-user");
            files = new RehearsalFiles(own, "", Optional.of(own));
        } catch (IOException e) {
            LOG.debug("rehearsal in {}", instead, e);
            String prefix = ".rehearsal-" + ProcessHandle.current().pid() + "-";
            files = new RehearsalFiles(instead, prefix, Optional.empty());
        }
        Runtime.getRuntime().addShutdownHook(files.atExit);
        return files;
    }

    /// The path of a socket that will be made.
    Path socket(String name) {
        Path socket = directory.resolve(prefix + name);
        sockets.add(socket);
        return socket;
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException _) {
            return; // the process is ending, and what it runs for that removes them
        }
        remove();
    }

    private void remove() {
        sockets.forEach(RehearsalFiles::remove);
        made.ifPresent(RehearsalFiles::remove);
    }

    private static void remove(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.debug("rehearsal: {} stays", path, e);
        }
    }
}
