/// Drives devices from tests: [io.vfiouser.testkit.DeviceTester] is the client of a device, with no
/// socket in between.
module io.vfiouser.testkit {
    requires transitive io.vfiouser.device;
    requires static transitive org.jspecify;
    requires static com.google.errorprone.annotations;

    exports io.vfiouser.testkit;
}
