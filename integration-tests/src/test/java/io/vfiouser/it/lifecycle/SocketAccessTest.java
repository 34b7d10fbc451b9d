package io.vfiouser.it.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.client.RawConnection;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.server.ServeException;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.observe.ServerListener;
import io.vfiouser.server.options.AllowedPeers;
import io.vfiouser.server.options.Endpoint;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.server.options.ServiceOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import io.vfiouser.transport.SocketPermissions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Who may connect: permissions of the socket's file, users and groups of its peers.
@ExtendWith(NoDescriptorLeaks.class)
class SocketAccessTest {
    private static final Duration AMPLE = Duration.ofSeconds(20);

    private final BlockingQueue<String> refused = new LinkedBlockingQueue<>();
    @TempDir private Path directory;
    private VfioUserServer server;
    private Path socket;

    @BeforeEach
    void start() {
        socket = directory.resolve("gpio.sock");
        server =
                VfioUserServer.start(
                        ServerOptions.defaults()
                                .withListener(
                                        new ServerListener() {
                                            @Override
                                            public void connectionRefused(
                                                    String device, String reason) {
                                                refused.add(reason);
                                            }
                                        }));
    }

    @AfterEach
    void close() {
        server.close();
    }

    private void serve(SocketPermissions permissions, AllowedPeers peers) {
        server.serve(
                "gpio",
                new GpioDevice(),
                Endpoint.at(socket).withPermissions(permissions),
                ServiceOptions.defaults().withAllowedPeers(peers));
    }

    private int own(String attribute) throws IOException {
        return (int) Files.getAttribute(directory, "unix:" + attribute);
    }

    @Test
    void theFileHasTheModeAndGroupThatWereAskedFor() throws IOException {
        String group = Integer.toString(own("gid"));
        serve(SocketPermissions.DEFAULT.withMode(0620).withGroup(group), AllowedPeers.EVERYBODY);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw--w----");
        assertThat(Files.getAttribute(socket, "unix:gid")).isEqualTo(own("gid"));
    }

    @Test
    void anUnknownGroupIsNamedAndLeavesNoSocketBehind() {
        var permissions = SocketPermissions.DEFAULT.withGroup("no-such-group");
        assertThatThrownBy(() -> serve(permissions, AllowedPeers.EVERYBODY))
                .isInstanceOf(ServeException.class)
                .hasMessage(
                        "gpio: socket group: no-such-group (expected: one that this system knows)");
        assertThat(directory).isEmptyDirectory();
        assertThat(server.devices()).isEmpty();
    }

    @Test
    void takesPeersOfAnAllowedUserOrGroup() throws IOException {
        int stranger = own("uid") + 1;
        serve(SocketPermissions.DEFAULT, new AllowedPeers(Set.of(stranger), Set.of(own("gid"))));
        try (var client = VfioUserClient.connect(socket)) {
            assertThat(client.info().pci()).isTrue();
        }
        assertThat(refused).isEmpty();
    }

    @Test
    void refusesAllOthersAndGoesOnListening() throws Exception {
        int uid = own("uid");
        serve(SocketPermissions.DEFAULT, new AllowedPeers(Set.of(uid + 1, uid + 2), Set.of()));
        for (int i = 0; i < 3; i++) {
            try (var stranger = RawConnection.connect(socket)) {
                assertThat(stranger.awaitClosed(AMPLE)).isTrue();
            }
            assertThat(refused.poll(20, TimeUnit.SECONDS))
                    .contains("uid " + uid)
                    .endsWith(
                            "(expected: uid in [%d, %d] or gid in [])".formatted(uid + 1, uid + 2));
        }
    }

    @Test
    void doesNotFollowALinkInTheSocketsPlace() throws IOException {
        Path precious = Files.writeString(directory.resolve("precious"), "data");
        Files.createSymbolicLink(socket, precious);
        var permissions = SocketPermissions.DEFAULT.withMode(0666);
        assertThatThrownBy(() -> serve(permissions, AllowedPeers.EVERYBODY))
                .isInstanceOf(ServeException.class)
                .hasMessageContaining("a file of another kind (expected: a socket or nothing)");
        assertThat(socket).isSymbolicLink();
        assertThat(precious).hasContent("data");
    }
}
