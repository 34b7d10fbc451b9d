package io.vfiouser.it.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.RawConnection;
import io.vfiouser.client.RawFrame;
import io.vfiouser.client.RegionIoFds;
import io.vfiouser.client.RemoteDoorbells;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.region.Doorbell;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.DeviceGetRegionIoFds;
import io.vfiouser.protocol.SubRegionFd;
import io.vfiouser.protocol.Version;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A client that signals eventfds in place of writes reaches the device, as KVM does.
@ExtendWith(NoDescriptorLeaks.class)
class DoorbellTest {
    private final TestServer server = TestServer.start();

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void ringsTheDeviceWithoutAMessage() throws InterruptedException {
        BellDevice device = new BellDevice(it -> it.install(0, Doorbell.at(0x10, 4)));
        try (var client = connect(device);
                RemoteDoorbells doorbells = client.doorbells(0)) {
            assertThat(doorbells.count()).isEqualTo(1);
            assertThat(doorbells.write(0x10, 4, 7)).isTrue();

            assertThat(device.rung.take()).isEqualTo("0+0x10: 0x0");
            assertThat(doorbells.write(0x10, 8, 7)).as("another size").isFalse();
            assertThat(doorbells.write(0x14, 4, 7)).as("another place").isFalse();
            assertThat(client.read(0, 0x10, 4)).as("the handler saw nothing").isZero();
        }
    }

    @Test
    void leavesWritesByMessageToTheHandler() {
        BellDevice device = new BellDevice(it -> it.install(0, Doorbell.at(0x10, 4)));
        try (var client = connect(device)) {
            client.write(0, 0x10, 4, 7);

            assertThat(client.read(0, 0x10, 4)).isEqualTo(7);
            assertThat(device.rung).isEmpty();
        }
    }

    @Test
    void ringsForTheMatchingValueOnly() throws InterruptedException {
        BellDevice device =
                new BellDevice(it -> {
                    it.install(0, Doorbell.at(0x20, 2).matching(0xfffe));
                    it.install(0, Doorbell.at(0x20, 2).matching(3));
                    it.install(0, Doorbell.at(0x28, 0));
                });
        try (var client = connect(device);
                RemoteDoorbells doorbells = client.doorbells(0)) {
            assertThat(doorbells.write(0x20, 2, 4)).isFalse();
            assertThat(doorbells.write(0x20, 2, 3)).isTrue();
            assertThat(device.rung.take()).isEqualTo("0+0x20: 0x3");
            assertThat(doorbells.write(0x20, 2, -2)).isTrue();
            assertThat(device.rung.take()).isEqualTo("0+0x20: 0xfffe");
            assertThat(doorbells.write(0x28, 1, 0x55)).as("any size").isTrue();
            assertThat(device.rung.take()).isEqualTo("0+0x28: 0x0");
        }
    }

    @Test
    void seesWhatWasWrittenInShadowMemory() throws InterruptedException {
        BellDevice device =
                new BellDevice(it -> {
                    it.install(0, Doorbell.at(0x30, 1).shadowedBy(it.shadow, 1));
                    it.install(0, Doorbell.at(0x32, 2).shadowedBy(it.shadow, 2));
                    it.install(0, Doorbell.at(0x34, 4).shadowedBy(it.shadow, 4));
                    it.install(0, Doorbell.at(0x38, 8).shadowedBy(it.shadow, 0xff8));
                });
        try (var client = connect(device);
                RemoteDoorbells doorbells = client.doorbells(0)) {
            doorbells.write(0x30, 1, 0x181);
            assertThat(device.rung.take()).isEqualTo("0+0x30: 0x81");
            doorbells.write(0x32, 2, 0x8002);
            assertThat(device.rung.take()).isEqualTo("0+0x32: 0x8002");
            doorbells.write(0x34, 4, 0x8000_0003L);
            assertThat(device.rung.take()).isEqualTo("0+0x34: 0x80000003");
            doorbells.write(0x38, 8, -4);
            assertThat(device.rung.take()).isEqualTo("0+0x38: 0xfffffffffffffffc");
        }
    }

    @Test
    void aSilentOneOnlyChangesItsMemory() throws InterruptedException {
        var polled = Doorbell.at(0x10, 4);
        BellDevice device =
                new BellDevice(it -> {
                    it.install(0, polled.shadowedBy(it.shadow, 8).withoutEventFd());
                    it.install(0, Doorbell.at(0x20, 4));
                });
        try (var client = connect(device);
                RemoteDoorbells doorbells = client.doorbells(0)) {
            assertThat(doorbells.write(0x10, 4, 0x1234)).isTrue();
            assertThat(polled.shadowedBy(device.shadow, 8).value()).isEqualTo(0x1234);
            doorbells.write(0x20, 4, 1);
            assertThat(device.rung.take()).isEqualTo("0+0x20: 0x0");
        }
    }

    @Test
    void leavesOutWhatTheKernelDoesNotTakeInOneMessage() {
        BellDevice device =
                new BellDevice(it -> {
                    for (int i = 0; i < 300; i++) {
                        it.install(0, Doorbell.at(4L * i, 4));
                    }
                });
        Path socket = server.serve("bells", device);
        try (var raw = RawConnection.connect(socket)) {
            raw.send(
                    0,
                    new Version(0, 1, Capabilities.DEFAULTS.withMaxMsgFds(1024)),
                    FdBundle.empty());
            raw.receive().close();
            raw.send(1, new DeviceGetRegionIoFds(64 << 10, 0), FdBundle.empty());
            try (RawFrame reply = raw.receive()) {
                assertThat(reply.header().messageId()).isEqualTo(1);
                assertThat(reply.descriptors().count()).isEqualTo(253);
            }
        }
    }

    @Test
    void describesEachInAnEntryAndSharesTheShadowsDescriptor() {
        BellDevice device =
                new BellDevice(it -> {
                    it.install(0, Doorbell.at(0x10, 4).matching(9));
                    it.install(0, Doorbell.at(0x20, 4).shadowedBy(it.shadow, 0x40));
                    it.install(0, Doorbell.at(0x24, 4).shadowedBy(it.shadow, 0x44));
                    it.install(2, Doorbell.at(0x3, 1));
                });
        try (var client = connect(device);
                RegionIoFds memory = client.regionIoFds(0);
                RegionIoFds ports = client.regionIoFds(2);
                RegionIoFds none = client.regionIoFds(7)) {
            assertThat(memory.entries())
                    .containsExactly(
                            new SubRegionFd(
                                    0x10,
                                    4,
                                    0,
                                    SubRegionFd.IOEVENTFD,
                                    SubRegionFd.DATAMATCH,
                                    0,
                                    0,
                                    9),
                            new SubRegionFd(
                                    0x20, 4, 1, SubRegionFd.SHADOW_IOEVENTFD, 0, 2, 0x40, 0),
                            new SubRegionFd(
                                    0x24, 4, 3, SubRegionFd.SHADOW_IOEVENTFD, 0, 2, 0x44, 0));
            assertThat(memory.descriptors().count()).isEqualTo(4);
            assertThat(memory.reply().argsz()).isEqualTo(16 + 3 * 48);
            assertThat(ports.entries())
                    .containsExactly(
                            new SubRegionFd(
                                    3, 1, 0, SubRegionFd.IOEVENTFD, SubRegionFd.PORT_IO, 0, 0, 0));
            assertThat(none.entries()).isEmpty();
        }
    }

    @Test
    void saysHowMuchRoomTheEntriesNeedWithoutDescriptors() {
        BellDevice device = new BellDevice(it -> it.install(0, Doorbell.at(0x10, 4)));
        try (var client = connect(device)) {
            for (int argsz : new int[] {WireFormat.REGION_IO_FDS_SIZE, 63}) {
                try (var answer =
                        client.send(new DeviceGetRegionIoFds(argsz, 0), FdBundle.empty())) {
                    assertThat(answer.reply())
                            .isEqualTo(new DeviceGetRegionIoFds.Reply(64, 0, 1, List.of()));
                    assertThat(answer.descriptors().isEmpty()).isTrue();
                }
            }
        }
    }

    @Test
    void sendsNoMoreDescriptorsThanTheClientTakes() throws InterruptedException {
        BellDevice device =
                new BellDevice(it -> {
                    it.install(0, Doorbell.at(0x10, 4).shadowedBy(it.shadow, 0));
                    it.install(0, Doorbell.at(0x20, 4));
                    it.install(0, Doorbell.at(0x30, 4).shadowedBy(it.shadow, 0).withoutEventFd());
                });
        Path socket = server.serve("bells", device);
        var options =
                ClientOptions.defaults().withCapabilities(Capabilities.DEFAULTS.withMaxMsgFds(2));
        try (var client = VfioUserClient.connect(socket, options);
                RemoteDoorbells doorbells = client.doorbells(0)) {
            assertThat(doorbells.count()).isEqualTo(2);
            assertThat(doorbells.write(0x20, 4, 1)).as("left out").isFalse();
            doorbells.write(0x10, 4, 5);
            assertThat(device.rung.take()).isEqualTo("0+0x10: 0x5");
        }
    }

    @Test
    void aRemovedOneIsNotOfferedAndRingsNoMore() throws InterruptedException {
        BellDevice device =
                new BellDevice(it -> {
                    it.install(0, Doorbell.at(0x10, 4));
                    it.install(0, Doorbell.at(0x20, 4));
                });
        try (var client = connect(device);
                RemoteDoorbells before = client.doorbells(0)) {
            onLoop(
                    device,
                    it -> {
                        it.installed.getFirst().remove();
                        it.installed.getFirst().remove();
                    });
            assertThat(before.write(0x10, 4, 1)).as("the client still has its eventfd").isTrue();
            before.write(0x20, 4, 1);
            assertThat(device.rung.take()).isEqualTo("0+0x20: 0x0");

            onLoop(device, it -> it.install(0, Doorbell.at(0x10, 0)));
            try (RemoteDoorbells after = client.doorbells(0)) {
                assertThat(after.count()).isEqualTo(2);
                after.write(0x10, 2, 1);
                assertThat(device.rung.take()).isEqualTo("0+0x10: 0x0");
                assertThat(device.rung).isEmpty();
            }
        }
    }

    @Test
    void thoseOfAClientThatHasGoneRingNothing() throws InterruptedException {
        BellDevice device = new BellDevice(it -> it.install(0, Doorbell.at(0x10, 4)));
        Path socket = server.serve("bells", device);
        EventFd kept;
        try (var client = VfioUserClient.connect(socket);
                RegionIoFds fds = client.regionIoFds(0)) {
            kept = EventFd.adopt(fds.descriptors().take(0));
        }
        try (kept;
                var next = VfioUserClient.connect(socket);
                RemoteDoorbells doorbells = next.doorbells(0)) {
            kept.signal();
            doorbells.write(0x10, 4, 1);
            assertThat(device.rung.take()).isEqualTo("0+0x10: 0x0");
            assertThat(next.info().regionCount()).isEqualTo(9);
            assertThat(device.rung).isEmpty();
            assertThat(kept.drain()).as("nobody else took the signal").isEqualTo(1);
        }
    }

    @Test
    void aDeviceThatThrowsGoesOnHearing() throws InterruptedException {
        BellDevice device =
                new BellDevice(it -> it.install(0, Doorbell.at(0x10, 4).shadowedBy(it.shadow, 0)));
        try (var client = connect(device);
                RemoteDoorbells doorbells = client.doorbells(0)) {
            doorbells.write(0x10, 4, 0xdead);
            assertThat(device.rung.take()).isEqualTo("0+0x10: 0xdead");
            doorbells.write(0x10, 4, 2);
            assertThat(device.rung.take()).isEqualTo("0+0x10: 0x2");
        }
    }

    @Test
    void refusesPlacesThatCannotRing() {
        BellDevice device = new BellDevice(it -> it.install(0, Doorbell.at(0x10, 4)));
        try (var client = connect(device)) {
            onLoop(
                    device,
                    it -> {
                        assertRefused(it, 0, Doorbell.at(0x1ffd, 4), "an end of at most 0x2000");
                        assertRefused(it, 0, Doorbell.at(0x2000, 0), "an end of at most 0x2000");
                        assertRefused(it, 0, Doorbell.at(0xffc, 8), "clients cannot map");
                        assertRefused(it, 0, Doorbell.at(0x10, 4), "none that the same write");
                        assertRefused(it, 0, Doorbell.at(0x10, 0), "none that the same write");
                        assertRefused(
                                it, 0, Doorbell.at(0x10, 4).matching(1), "none that the same");
                        assertRefused(it, 1, Doorbell.at(0, 4), "a writable region");
                        assertRefused(it, 7, Doorbell.at(0x40, 4), "a writable region");
                        assertRefused(it, 9, Doorbell.at(0, 4), "doorbell in region 9");
                        it.install(0, Doorbell.at(0x10, 8));
                    });
            assertThat(client.doorbells(0).count()).isEqualTo(2);
        }
    }

    @Test
    void refusesTheOneThatIsTooMany() {
        BellDevice device =
                new BellDevice(it -> {
                    for (int i = 0; i < 4096 / 8; i++) {
                        for (int value = 0; value < 8; value++) {
                            it.install(0, Doorbell.at(i, 4).matching(value));
                        }
                    }
                });
        try (var client = connect(device)) {
            onLoop(device, it -> assertRefused(it, 2, Doorbell.at(0, 4), "at most 4096"));
            assertThat(client.doorbells(0).count()).isEqualTo(16);
        }
    }

    private VfioUserClient connect(BellDevice device) {
        return VfioUserClient.connect(server.serve("bells", device));
    }

    private static void assertRefused(
            BellDevice device, int region, Doorbell doorbell, String expected) {
        assertThatThrownBy(() -> device.install(region, doorbell))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(expected);
    }

    /// Waits, and fails with what the task throws.
    private static void onLoop(BellDevice device, Consumer<BellDevice> task) {
        CompletableFuture.runAsync(() -> task.accept(device), device::onLoop).join();
    }
}
