package io.vfiouser.it.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.testkit.guest.GuestResult;
import io.vfiouser.testkit.guest.GuestVm;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The server is killed while a guest writes and flushes: what was flushed is there when another
/// server serves the same file.
@Tag("guest")
@ExtendWith(NoDescriptorLeaks.class)
final class NvmePowerCutGuestTest {
    private static final String LAST = "FLUSHED 60";

    @TempDir private Path directory;

    @Test
    void whatWasFlushedSurvivesTheServer() throws Exception {
        GuestResult writer;
        Path socket = directory.resolve("nvme.sock");
        try (var server = serve(socket)) {
            writer =
                    guest("nvme-power-cut", socket)
                            .console(line -> {
                                if (line.startsWith(LAST)) {
                                    server.kill();
                                }
                            })
                            .script(ProjectPaths.guestScript("nvme-power-cut.sh"))
                            .bootToAnyEnd();
        }
        // QEMU's assertion may fail when a server goes away under much I/O: that is its 125.
        assertThat(writer.status()).isIn(0, 125);
        int flushed = writer.lines("FLUSHED ").size();
        assertThat(flushed).isGreaterThanOrEqualTo(60);

        Files.deleteIfExists(socket);
        GuestResult reader;
        try (var server = serve(socket)) {
            assertThat(server.ready().devices()).isEqualTo(1);
            reader =
                    guest("nvme-power-back", socket)
                            .kernelParameters("nvme.check=" + flushed)
                            .script(ProjectPaths.guestScript("nvme-power-cut.sh"))
                            .boot();
        }
        reader.requireSuccess();
        assertThat(reader.lines("PASS records 1 to " + flushed)).hasSize(1);
    }

    private ServedProcess serve(Path socket) throws Exception {
        return ServedProcess.start(
                List.of(
                        ProjectPaths.LAUNCHER,
                        "serve",
                        "nvme",
                        "--socket",
                        socket.toString(),
                        "--set",
                        "backend=file",
                        "--set",
                        "path=" + directory.resolve("disk.img"),
                        "--set",
                        "create=64M"),
                Duration.ofMinutes(2));
    }

    private static GuestVm.Builder guest(String name, Path socket) {
        return GuestVm.named(name, ProjectPaths.RIG, ProjectPaths.GUEST_LOGS)
                .modules("nvme")
                .device(socket);
    }
}
