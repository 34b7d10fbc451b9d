package io.vfiouser.cli.sandbox;

import io.vfiouser.os.FileRule;
import io.vfiouser.os.FileRule.Access;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a command needs behind a sandbox, collected from its options. For one thread.
public final class SandboxNeeds {
    private final List<FileRule> files = new ArrayList<>();
    private final Set<Integer> bind = new HashSet<>();
    private final Set<Integer> connect = new HashSet<>();
    private final Set<Integer> descriptors = new HashSet<>();

    /// Nothing yet.
    public SandboxNeeds() {}

    /// A socket will be made at `path`, and removed.
    public void socket(Path path) {
        files.add(new FileRule(directory(path), Access.SOCKETS));
    }

    /// The file at `path` will be read.
    public void read(Path path) {
        files.add(new FileRule(path.toAbsolutePath(), Access.READ));
    }

    /// The file at `path`, or what is in that directory, will be written.
    public void write(Path path) {
        files.add(new FileRule(path.toAbsolutePath(), Access.WRITE));
    }

    /// The file at `path` will be made, replaced, put aside.
    public void make(Path path) {
        files.add(new FileRule(directory(path), Access.WRITE));
    }

    /// This TCP port will be listened on; 0 for any that is free.
    public void listen(int port) {
        bind.add(port);
    }

    /// This TCP port of any host will be connected to.
    public void connect(int port) {
        connect.add(port);
    }

    /// This descriptor was left open for this process.
    public void descriptor(int fd) {
        descriptors.add(fd);
    }

    List<FileRule> files() {
        return files;
    }

    Set<Integer> bind() {
        return bind;
    }

    Set<Integer> connect() {
        return connect;
    }

    Set<Integer> descriptors() {
        return descriptors;
    }

    /// The first file of them that is not there.
    Optional<Path> missing() {
        return files.stream().map(FileRule::path).filter(path -> !Files.exists(path)).findFirst();
    }

    private static Path directory(Path path) {
        Path whole = path.toAbsolutePath();
        Path parent = whole.getParent();
        return parent == null ? whole : parent;
    }
}
