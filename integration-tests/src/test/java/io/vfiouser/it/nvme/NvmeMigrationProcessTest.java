package io.vfiouser.it.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.it.guest.ServedProcess;
import io.vfiouser.it.vmm.NvmeDriver;
import io.vfiouser.testkit.vmm.FakeVmm;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The controller moves between two server processes on one disk file while its driver writes and
/// reads without a pause.
@ExtendWith(NoDescriptorLeaks.class)
@Timeout(180)
final class NvmeMigrationProcessTest {
    private static final Path LAUNCHER = Path.of("..", "vfio-user").toAbsolutePath().normalize();
    private static final Duration START = Duration.ofMinutes(2);
    private static final int MOVES = 6;
    private static final int OPERATIONS_BETWEEN = 2000;

    @TempDir Path directory;

    @Test
    void noWriteIsLostOrDoneTwice() throws Exception {
        Path[] sockets = {directory.resolve("a.sock"), directory.resolve("b.sock")};
        List<Duration> stops = new ArrayList<>();
        try (var _ = serve(sockets[0]);
                var _ = serve(sockets[1]);
                var vmm = FakeVmm.plug(sockets[0]);
                var driver = new NvmeDriver(vmm)) {
            String serial = driver.serial();
            var work = new SequencedWrites(vmm, driver, 77);
            var running = CompletableFuture.runAsync(work::run);
            try {
                for (int move = 1; move <= MOVES; move++) {
                    work.awaitCompleted((long) move * OPERATIONS_BETWEEN, running);
                    stops.add(vmm.migrate(sockets[move % 2]));
                }
                work.awaitCompleted((MOVES + 1L) * OPERATIONS_BETWEEN, running);
            } finally {
                work.stop();
            }
            running.get(60, TimeUnit.SECONDS);

            work.verifyEverything();
            assertThat(driver.hostWrites())
                    .as("writes that the controller did, in both processes")
                    .isEqualTo(work.writes());
            assertThat(driver.serial()).as("of the first process").isEqualTo(serial);
            assertThat(stops).allSatisfy(stop -> assertThat(stop).isLessThan(START));
        }
    }

    private ServedProcess serve(Path socket) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(LAUNCHER.toString(), "serve", "nvme"));
        command.addAll(List.of("--socket", socket.toString(), "--set", "backend=file"));
        command.addAll(List.of("--set", "path=" + directory.resolve("disk.img")));
        command.addAll(List.of("--set", "create=4M", "--set", "lock=false"));
        return ServedProcess.start(command, START);
    }
}
