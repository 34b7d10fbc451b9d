package io.vfiouser.examples.disks;

import io.vfiouser.devices.block.memory.MemoryBackend;
import io.vfiouser.devices.nvme.NvmeDevice;
import io.vfiouser.server.ServedDevice;
import io.vfiouser.server.VfioUserServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The disks that are served: added and removed while guests run. May be used from any thread, and
/// never blocks, so that the HTTP handlers may call it on the loops which serve the disks.
final class Disks {
    private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,20}");
    private static final long MAX_MIB = 1 << 20;

    /// How long a guest may take to let go of a disk that is removed.
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final VfioUserServer server;
    private final Path directory;
    private final Map<String, Entry> disks = new ConcurrentSkipListMap<>();

    private record Entry(Disk disk, CompletableFuture<ServedDevice> served) {}

    /// @param directory where the sockets are made; only those who may use the disks may enter it
    Disks(VfioUserServer server, Path directory) {
        this.server = server;
        this.directory = directory;
    }

    /// Adds a disk of zeros.
    ///
    /// @return complete when VMMs can connect
    /// @throws IllegalArgumentException for a name or size that is not right, or a name that is
    ///   taken
    CompletableFuture<Disk> add(String name, long sizeMib) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "name: " + name + " (expected: 1 to 20 of a to z, 0 to 9, -)");
        }
        if (sizeMib < 1 || sizeMib > MAX_MIB) {
            throw new IllegalArgumentException(
                    "sizeMib: " + sizeMib + " (expected: 1 to " + MAX_MIB + ")");
        }
        Path socket = directory.resolve(name + ".sock");
        var entry =
                new Entry(new Disk(name, sizeMib, socket.toString()), new CompletableFuture<>());
        if (disks.putIfAbsent(name, entry) != null) {
            throw new IllegalArgumentException(
                    "name: " + name + " (expected: one that no other disk has)");
        }
        var _ =
                served(entry.disk(), socket)
                        .whenComplete((served, error) -> {
                            if (error == null) {
                                entry.served().complete(served);
                            } else {
                                disks.remove(name, entry);
                                entry.served().completeExceptionally(error);
                            }
                        });
        return entry.served().thenApply(_ -> entry.disk());
    }

    private CompletableFuture<ServedDevice> served(Disk disk, Path socket) {
        try {
            var memory = MemoryBackend.create(disk.sizeMib() << 20); // takes up what is written
            var device = NvmeDevice.builder(memory).serial(disk.name()).build();
            return server.serveAsync(disk.name(), device, socket);
        } catch (RuntimeException e) { // no addresses left for the memory, say
            return CompletableFuture.failedFuture(e);
        }
    }

    /// The disks, by name.
    Collection<Disk> all() {
        return disks.values().stream().map(Entry::disk).collect(Collectors.toList());
    }

    Optional<Disk> find(String name) {
        return Optional.ofNullable(disks.get(name)).map(Entry::disk);
    }

    /// Takes a disk away: its guest is asked to let go of it, and loses it after a while.
    ///
    /// @return complete when it has gone; whether there was one
    CompletableFuture<Boolean> remove(String name) {
        Entry entry = disks.get(name);
        if (entry == null) {
            return CompletableFuture.completedFuture(false);
        }
        return entry.served()
                .thenCompose(served -> served.remove(GRACE))
                .thenApply(_ -> disks.remove(name, entry));
    }
}
