package io.vfiouser.it.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.devices.nvme.NvmeDevice;
import io.vfiouser.it.storage.NbdServer;
import io.vfiouser.it.storage.Nbdkit;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.nbd.NbdBackend;
import io.vfiouser.nbd.NbdSettings;
import io.vfiouser.os.DiskFile;
import io.vfiouser.testkit.guest.GuestResult;
import io.vfiouser.testkit.guest.GuestVm;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// nbdkit dies under a guest's I/O on the NVMe controller: the guest does not notice if it is back
/// within the configured time, and sees a media error if it is not.
@Tag("guest")
@ExtendWith(NoDescriptorLeaks.class)
final class NvmeOutageGuestTest {
    private static final Duration ANSWER = Duration.ofSeconds(10);

    /// Not a pause of the test, but the length of the outage.
    private static final Executor AFTER_THE_OUTAGE =
            CompletableFuture.delayedExecutor(1500, TimeUnit.MILLISECONDS);

    @TempDir private Path directory;
    private volatile CompletableFuture<NbdServer> nbdkit = new CompletableFuture<>();

    @AfterEach
    void stopNbdkit() {
        nbdkit.join().close();
    }

    @Test
    void anOutageIsNotNoticedOrAMediaError() throws Exception {
        DiskFile.create(directory.resolve("disk.img"), 64 << 20);
        nbdkit.complete(startNbdkit());
        GuestResult guest;
        try (var server = TestServer.start()) {
            guest =
                    GuestVm.named("nvme-outage", ProjectPaths.RIG, ProjectPaths.GUEST_LOGS)
                            .modules("nvme")
                            .tools("fio")
                            .device(serve(server, "patient", Duration.ofSeconds(60)))
                            .device(serve(server, "hasty", Duration.ofSeconds(1)))
                            .console(this::follow)
                            .script(ProjectPaths.guestScript("nvme-outage.sh"))
                            .boot();
        }

        guest.requireSuccess();
        assertThat(guest.lines("PASS fio over the outage")).hasSize(1);
        assertThat(guest.lines("PASS read refused: dd: ")).hasSize(1);
        assertThat(guest.lines("PASS kernel: ")).hasSize(1);
        assertThat(guest.lines("PASS reads again")).hasSize(1);
        assertThat(guest.lines("PASS patient reads too")).hasSize(1);
    }

    private void follow(String line) {
        if (line.startsWith("OUTAGE short")) {
            nbdkit.join().close();
            nbdkit = CompletableFuture.supplyAsync(this::startNbdkit, AFTER_THE_OUTAGE);
        } else if (line.startsWith("OUTAGE long")) {
            nbdkit.join().close();
        } else if (line.startsWith("OUTAGE over")) {
            nbdkit = CompletableFuture.completedFuture(startNbdkit());
        }
    }

    private Path serve(TestServer server, String serial, Duration reconnect) {
        var settings =
                NbdSettings.of("nbd+unix:///?socket=" + socket()).withTimes(ANSWER, reconnect);
        var backend = NbdBackend.connect(settings);
        return server.serve(serial, NvmeDevice.builder(backend).serial(serial).build());
    }

    private Path socket() {
        return directory.resolve("nbd.sock");
    }

    private NbdServer startNbdkit() {
        try {
            return Nbdkit.serve(directory.resolve("disk.img"), socket());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while nbdkit starts", e);
        }
    }
}
