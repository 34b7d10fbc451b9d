/// Ready-made devices, one package each, found by name through [io.vfiouser.device.DeviceProvider]:
/// `gpio` and `testdev`.
module io.vfiouser.devices {
    uses io.vfiouser.devices.block.BlockBackendProvider;
    uses io.vfiouser.devices.block.BlockFilterProvider;

    requires transitive io.vfiouser.device;
    requires static org.jspecify;

    exports io.vfiouser.devices.block;
    exports io.vfiouser.devices.block.memory;
    exports io.vfiouser.devices.gpio;
    exports io.vfiouser.devices.testdev;

    provides io.vfiouser.device.DeviceProvider with
            io.vfiouser.devices.gpio.GpioProvider,
            io.vfiouser.devices.testdev.TestDeviceProvider;
    provides io.vfiouser.devices.block.BlockBackendProvider with
            io.vfiouser.devices.block.memory.MemoryBackendProvider;
}
