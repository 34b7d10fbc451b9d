package io.vfiouser.cli.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.types.DeviceTypes;
import io.vfiouser.cli.types.SampleProviders;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ServePlanTest {
    private final SampleProviders.Disk disks = new SampleProviders.Disk();
    private final DeviceTypes types = DeviceTypes.of(disks, new SampleProviders.Plain());

    private static ServeRequest request(String type, String socket, int count) {
        return new ServeRequest("", type, socket, count, Map.of());
    }

    private ServePlan plan(ServeRequest... requests) {
        return ServePlan.of(List.of(requests), types, InheritedSockets.of(Map.of(), 1));
    }

    @Test
    void numbersSocketsAndNames() {
        var plan = plan(request("disk", "/run/%d/disk%d.sock", 2), request("disk", "/x", 1));
        assertThat(plan.devices())
                .extracting(PlannedDevice::name)
                .containsExactly("disk0", "disk1", "disk2");
        assertThat(plan.devices())
                .extracting(PlannedDevice::socket)
                .containsExactly(
                        Path.of("/run/0/disk0.sock"), Path.of("/run/1/disk1.sock"), Path.of("/x"));
    }

    @Test
    void numbersASingleSocketToo() {
        assertThat(plan(request("plain", "a%d", 1)).devices())
                .extracting(PlannedDevice::socket)
                .containsExactly(Path.of("a0"));
    }

    @Test
    void makesDevicesOnlyWhenAsked() {
        var plan = plan(request("disk", "d%d", 3));
        assertThat(disks.made).isEmpty();
        assertThat(plan.devices().getFirst().factory().get()).isNotNull();
        assertThat(disks.made).hasSize(1);
    }

    @Test
    void refusesManyDevicesOnOneSocket() {
        assertThatThrownBy(() -> plan(request("disk", "/run/disk.sock", 3)))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "socket: /run/disk.sock, count: 3 (expected: %d in the path, which becomes"
                                + " 0 to 2)");
    }

    @Test
    void refusesASocketThatTwoDevicesWouldShare() {
        assertThatThrownBy(
                        () -> plan(request("disk", "/run/a", 1), request("plain", "/run/./a", 1)))
                .isInstanceOf(UsageException.class)
                .hasMessage("socket: /run/./a: twice (expected: one of its own for each device)");
    }

    @Test
    void namesWhereARequestCameFrom() {
        var settings = Map.of("colour", "blue");
        var request = new ServeRequest("f.yaml:3: devices[0]: ", "plain", "/a", 1, settings);
        assertThatThrownBy(() -> plan(request))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "f.yaml:3: devices[0]: plain: colour: unknown setting (expected: none,"
                                + " plain has no settings)");
    }

    @Test
    void refusesPathsThatGetTooLongByTheirNumber() {
        String path = "/" + "a".repeat(104) + "%d";
        assertThat(plan(request("disk", path, 10)).devices()).hasSize(10);
        assertThatThrownBy(() -> plan(request("disk", path, 101)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("108 bytes (expected: a path of 1 to 107 bytes)");
    }
}
