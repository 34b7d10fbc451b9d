/// What a device author compiles against: the [io.vfiouser.device.Device] bean, its layout, and
/// what the server lends it (interrupts, guest memory, config space). No Netty in here, so that
/// devices are plain objects that plain unit tests can drive.
module io.vfiouser.device {
    // Errno, SharedMemory and MemorySegment sources are part of the API below.
    requires transitive io.vfiouser.os;
    // DeviceContext.log()
    requires transitive org.slf4j;
    requires static transitive org.jspecify;
    requires static transitive com.google.errorprone.annotations;

    exports io.vfiouser.device;
    exports io.vfiouser.device.irq;
    exports io.vfiouser.device.memory;
    exports io.vfiouser.device.migration;
    exports io.vfiouser.device.outcome;
    exports io.vfiouser.device.pci;
    exports io.vfiouser.device.region;
}
