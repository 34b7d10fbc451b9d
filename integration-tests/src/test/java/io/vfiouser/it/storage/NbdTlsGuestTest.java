package io.vfiouser.it.storage;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.blocktest.BackendModel;
import io.vfiouser.nbd.NbdBackend;
import io.vfiouser.nbd.NbdSettings;
import io.vfiouser.os.DiskFile;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The NBD client over TLS, against nbdkit.
@Tag("guest")
@ExtendWith(NoDescriptorLeaks.class)
class NbdTlsGuestTest {
    private static final int SIZE = 4 << 20;

    @TempDir private Path directory;
    private Path disk;
    private Path socket;
    private Path certificates;

    @BeforeEach
    void prepare() throws Exception {
        disk = directory.resolve("disk.img");
        socket = directory.resolve("nbd.sock");
        DiskFile.create(disk, SIZE);
        certificates = TestCertificates.in(directory.resolve("pki"));
    }

    @Test
    void holdsWhatIsWrittenToAServerThatProvesWhoItIs() throws Exception {
        try (var _ = serve("--tls=require");
                var backend = NbdBackend.connect(settings("&tls-certificates=" + certificates))) {
            new BackendModel(backend, 1).run(100);
        }
    }

    @Test
    void provesWhoItIsToAServerThatAsks() throws Exception {
        try (var _ = serve("--tls=require", "--tls-verify-peer");
                var backend = NbdBackend.connect(settings("&tls-certificates=" + certificates))) {
            new BackendModel(backend, 2).run(30);
        }
    }

    @Test
    void refusesAServerThatSomebodyElseVouchesFor() throws Exception {
        Path others = TestCertificates.in(directory.resolve("others"));
        try (var _ = serve("--tls=require")) {
            assertThatThrownBy(() ->
                            NbdBackend.connect(settings("&tls-certificates=" + others)).close())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("nbds+unix");
        }
    }

    @Test
    void refusesAServerOfAnotherName() throws Exception {
        String query = "&tls-hostname=storage.example&tls-certificates=" + certificates;
        try (var _ = serve("--tls=require")) {
            assertThatThrownBy(() -> NbdBackend.connect(settings(query)).close())
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void asksForNoProofIfItIsToldSo() throws Exception {
        try (var _ = serve("--tls=require");
                var backend = NbdBackend.connect(settings("&tls-verify-peer=false"))) {
            new BackendModel(backend, 3).run(10);
        }
    }

    @Test
    void neitherSideGoesOnWithoutTlsWhereItIsWanted() throws Exception {
        try (var _ = serve("--tls=off")) {
            assertThatThrownBy(() ->
                            NbdBackend.connect(settings("&tls-certificates=" + certificates))
                                    .close())
                    .isInstanceOf(IllegalArgumentException.class);
        }
        try (var server = serve("--tls=require")) {
            assertThatThrownBy(() -> NbdBackend.connect(soon(NbdSettings.of(server.uri()))).close())
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private NbdServer serve(String... options) throws Exception {
        Files.deleteIfExists(socket);
        String[] all = new String[options.length + 1];
        System.arraycopy(options, 0, all, 0, options.length);
        all[options.length] = "--tls-certificates=" + certificates;
        return Nbdkit.serve(disk, socket, all);
    }

    private NbdSettings settings(String query) {
        return soon(NbdSettings.of("nbds+unix:///?socket=" + socket + query));
    }

    private static NbdSettings soon(NbdSettings settings) {
        return settings.withTimes(Duration.ofSeconds(5), Duration.ofSeconds(5));
    }
}
