/// Drives devices from tests: [io.vfiouser.testkit.DeviceTester] is the client of a device, with no
/// socket in between, [io.vfiouser.testkit.MigrationRoundTrip] moves one device's state to another
/// over sockets, [io.vfiouser.testkit.vmm.FakeVmm] is a machine for a driver in plain Java,
/// [io.vfiouser.testkit.junit.VfioUserServerExtension] serves devices to JUnit tests,
/// [io.vfiouser.testkit.guest.GuestVm] boots a Linux guest that has them, and
/// [io.vfiouser.testkit.conformance.ConformanceSuite] asks any server whether it does as the
/// specification says.
module io.vfiouser.testkit {
    requires transitive io.vfiouser.client;
    requires transitive io.vfiouser.device;
    requires transitive io.vfiouser.filters;
    requires io.vfiouser.server;
    requires io.netty.buffer;
    requires io.netty.common;
    requires io.netty.transport;
    requires io.netty.transport.unix.common;
    requires static transitive org.jspecify;
    // Only for those who use the extension, and they have it.
    requires static transitive org.junit.jupiter.api;
    // The same, for the assertions.
    requires static transitive org.assertj.core;
    requires static com.google.errorprone.annotations;

    exports io.vfiouser.testkit;
    exports io.vfiouser.testkit.conformance;
    exports io.vfiouser.testkit.guest;
    exports io.vfiouser.testkit.hammer;
    exports io.vfiouser.testkit.junit;
    exports io.vfiouser.testkit.trace;
    exports io.vfiouser.testkit.vmm;
}
