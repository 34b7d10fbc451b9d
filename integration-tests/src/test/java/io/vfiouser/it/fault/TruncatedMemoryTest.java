package io.vfiouser.it.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.it.guest.ServedProcess;
import io.vfiouser.it.support.DmaCommands;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.FileIo;
import io.vfiouser.os.Protection;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.ErrorReply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients cut the files behind their memory short under a server whose code is compiled, with each
/// collector: that operation ends with an error, the process serves on.
@Timeout(120)
final class TruncatedMemoryTest {
    private static final long IOVA = 0x10_0000;
    private static final int PAGE = RawNvmeHost.PAGE;

    /// Enough with the thresholds below for the compiler's highest level, at once.
    private static final int WARM_UP = 700;

    private static final String TIERS =
            "-XX:-BackgroundCompilation -XX:Tier3InvocationThreshold=50"
                    + " -XX:Tier3MinInvocationThreshold=20 -XX:Tier3CompileThreshold=100"
                    + " -XX:Tier4InvocationThreshold=300 -XX:Tier4MinInvocationThreshold=100"
                    + " -XX:Tier4CompileThreshold=500";

    @TempDir Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-XX:+UseSerialGC",
                "-XX:+UseParallelGC",
                "-XX:+UseG1GC",
                "-XX:+UseZGC",
                "-XX:+UseShenandoahGC -XX:ShenandoahGCMode=generational"
            })
    void endsThatOperationOnly(String collector) throws Exception {
        Path disk = Files.write(directory.resolve("disk"), new byte[1 << 20]);
        Path config = directory.resolve("devices.yaml");
        Files.writeString(
                config,
                """
                devices:
                  - {type: testdev, socket: %1$s/testdev}
                  - {type: nvme, socket: %1$s/memory, set: {size: 1048576}}
                  - {type: nvme, socket: %1$s/file, set: {backend: file, path: %2$s}}
                """
                        .formatted(directory, disk));
        try (ServedProcess served =
                ServedProcess.start(command(collector, config), Duration.ofSeconds(50))) {
            copies();
            controller("memory");
            controller("file");
            try (var client = VfioUserClient.connect(directory.resolve("testdev"))) {
                assertThat(client.configSpace().read16(0)).isEqualTo(0x1af4);
            }
            assertThat(served.errorLines()).noneMatch(line -> line.contains("InternalError"));
        }
    }

    private static List<String> command(String collector, Path config) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(collector.split(" ")));
        command.addAll(List.of(TIERS.split(" ")));
        command.addAll(
                List.of(
                        "-Xmx96m",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.vfiouser.cli.Main",
                        "serve",
                        "--config=" + config));
        return command;
    }

    private FileChannel memory(VfioUserClient client, String name, int size) throws IOException {
        Path path = Files.write(directory.resolve(name), new byte[size]);
        var map = new DmaMap(DmaFlags.READ_WRITE, 0, IOVA, size);
        try (var answer = client.send(map, FdBundle.of(FileIo.open(path, Protection.READ_WRITE)))) {
            assertThat(answer.reply()).isNotInstanceOf(ErrorReply.class);
        }
        return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /// A device that copies from memory to memory by a register, a few bytes and many.
    private void copies() throws Exception {
        int size = 64 * PAGE;
        int half = size / 2;
        try (var client = VfioUserClient.connect(directory.resolve("testdev"));
                var memory = memory(client, "copied", size)) {
            for (int length : new int[] {64, half}) {
                for (int i = 0; i < WARM_UP; i++) {
                    DmaCommands.copy(client, IOVA, IOVA + half, length, 0);
                }
                memory.truncate(half);
                for (int i = 0; i < 20; i++) {
                    assertFault(client, IOVA, IOVA + half, length);
                    assertFault(client, IOVA + half, IOVA, length);
                }
                DmaCommands.copy(client, IOVA, IOVA + half / 2, half / 2, 0);
                restore(memory, size);
                DmaCommands.copy(client, IOVA, IOVA + half, length, 0);
            }
            underWay(client, memory, size);
        }
    }

    /// Cuts and restores the file while copies run.
    private static void underWay(VfioUserClient client, FileChannel memory, int size)
            throws Exception {
        var over = new AtomicBoolean();
        var cutting =
                CompletableFuture.runAsync(
                        () -> {
                            try {
                                while (!over.get()) {
                                    memory.truncate(PAGE);
                                    restore(memory, size);
                                }
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        },
                        task -> Thread.ofPlatform().start(task));
        int faults = 0;
        try {
            for (int i = 0; i < 300; i++) {
                try {
                    DmaCommands.copy(client, IOVA, IOVA + size / 2, size / 2, 0);
                } catch (RemoteErrorException e) {
                    assertThat(e.errno()).isEqualTo(Errno.EFAULT);
                    faults++;
                }
            }
        } finally {
            over.set(true);
        }
        cutting.get();
        assertThat(faults).isBetween(0, 300);
        DmaCommands.copy(client, IOVA, IOVA + size / 2, size / 2, 0);
    }

    /// Rings, PRP lists and data of a controller.
    private void controller(String backend) throws Exception {
        try (var client = VfioUserClient.connect(directory.resolve(backend));
                var memory = memory(client, backend + "-memory", RawNvmeHost.SIZE)) {
            var host = new RawNvmeHost(client, memory, IOVA);
            host.start();
            for (int i = 0; i < WARM_UP / 2; i++) {
                assertThat(host.transfer(RawNvmeHost.WRITE)).isZero();
                assertThat(host.transfer(RawNvmeHost.READ)).isZero();
            }
            // Half of the data, all of it, the list too.
            for (int left :
                    new int[] {
                        RawNvmeHost.PAGES_BEFORE_DATA + RawNvmeHost.DATA_PAGES / 2,
                        RawNvmeHost.PAGES_BEFORE_DATA,
                        RawNvmeHost.PAGES_BEFORE_DATA - 1
                    }) {
                memory.truncate((long) left * PAGE);
                assertThat(host.transfer(RawNvmeHost.READ)).isNotZero();
                assertThat(host.transfer(RawNvmeHost.WRITE)).isNotZero();
            }
            restore(memory, RawNvmeHost.SIZE);
            host.writeList();
            assertThat(host.transfer(RawNvmeHost.READ)).isZero();
            // And the queues.
            memory.truncate(0);
            host.ringOnly();
            assertThat(host.isFatal()).isTrue();
            restore(memory, RawNvmeHost.SIZE);
        }
    }

    private static void assertFault(VfioUserClient client, long from, long to, int length) {
        try {
            DmaCommands.copy(client, from, to, length, 0);
        } catch (RemoteErrorException e) {
            assertThat(e.errno()).isEqualTo(Errno.EFAULT);
            return;
        }
        throw new AssertionError("copy: done (expected: EFAULT)");
    }

    private static void restore(FileChannel memory, int size) throws IOException {
        memory.write(ByteBuffer.wrap(new byte[1]), size - 1L);
    }
}
