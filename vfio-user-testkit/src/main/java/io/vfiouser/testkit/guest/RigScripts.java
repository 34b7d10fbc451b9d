package io.vfiouser.testkit.guest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The rig's scripts, which are resources, as files that can be run. They lie in the rig's cache,
/// in a directory for each version of them.
final class RigScripts {
    private static final List<String> NAMES =
            List.of(
                    "lib.sh",
                    "setup-qemu.sh",
                    "build-initramfs.sh",
                    "build-boot-disk.sh",
                    "run-guest.sh",
                    "nbd-server.sh",
                    "nbdkit.sh",
                    "tshark.sh",
                    "guest/init",
                    "guest/pci-list.sh",
                    "guest/block-bench.sh");
    private static final int DIGITS = 16;

    private RigScripts() {}

    /// The directory with the scripts.
    static Path unpacked() {
        try {
            return unpack(cache());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The same as the scripts' own.
    private static Path cache() {
        String own = System.getenv("VFIO_USER_RIG_CACHE");
        if (own != null && !own.isEmpty()) {
            return Path.of(own);
        }
        String caches = System.getenv("XDG_CACHE_HOME");
        return caches != null && !caches.isEmpty()
                ? Path.of(caches, "vfio-user-rig")
                : Path.of(System.getProperty("user.home"), ".cache", "vfio-user-rig");
    }

    static Path unpack(Path cache) throws IOException {
        Map<String, byte[]> scripts = read();
        Path directory = cache.resolve("scripts-" + version(scripts));
        if (Files.isDirectory(directory)) {
            return directory;
        }
        Files.createDirectories(cache);
        Path fresh = Files.createTempDirectory(cache, "scripts");
        for (var script : scripts.entrySet()) {
            Path file = fresh.resolve(script.getKey());
            Files.createDirectories(file.getParent());
            Files.write(file, script.getValue());
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        try {
            Files.move(fresh, directory, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            delete(fresh, scripts);
            if (!Files.isDirectory(directory)) {
                throw e;
            } // else another process was quicker
        }
        return directory;
    }

    private static Map<String, byte[]> read() throws IOException {
        var scripts = new LinkedHashMap<String, byte[]>();
        for (String name : NAMES) {
            try (InputStream bytes = RigScripts.class.getResourceAsStream("rig/" + name)) {
                if (bytes == null) {
                    throw new IOException("resource: rig/" + name + " (expected: in the jar)");
                }
                scripts.put(name, bytes.readAllBytes());
            }
        }
        return scripts;
    }

    private static String version(Map<String, byte[]> scripts) throws IOException {
        var all = new ByteArrayOutputStream();
        for (var script : scripts.entrySet()) {
            all.write(script.getKey().getBytes(StandardCharsets.UTF_8));
            all.write(script.getValue());
        }
        try {
            byte[] sum = MessageDigest.getInstance("SHA-256").digest(all.toByteArray());
            return HexFormat.of().formatHex(sum).substring(0, DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("each JDK has SHA-256", e);
        }
    }

    private static void delete(Path directory, Map<String, byte[]> scripts) throws IOException {
        for (String name : scripts.keySet()) {
            Files.delete(directory.resolve(name));
        }
        Files.delete(directory.resolve("guest"));
        Files.delete(directory);
    }
}
