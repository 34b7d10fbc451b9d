/// Ready-made devices, one package each, found by name through [io.vfiouser.device.DeviceProvider]:
/// `edu`, `gpio`, `nvme`, `serial`, `testdev` and `timer`. Storage behind block devices, and what
/// serial ports are wired to, are found by name too.
module io.vfiouser.devices {
    uses io.vfiouser.devices.block.BlockBackendProvider;
    uses io.vfiouser.devices.block.BlockFilterProvider;
    uses io.vfiouser.devices.serial.SerialBackendProvider;

    requires transitive io.vfiouser.device;
    requires org.slf4j;
    requires static org.jspecify;

    exports io.vfiouser.devices.block;
    exports io.vfiouser.devices.block.file;
    exports io.vfiouser.devices.block.filter;
    exports io.vfiouser.devices.block.memory;
    exports io.vfiouser.devices.edu;
    exports io.vfiouser.devices.gpio;
    exports io.vfiouser.devices.nvme;
    exports io.vfiouser.devices.serial;
    exports io.vfiouser.devices.serial.stream;
    exports io.vfiouser.devices.testdev;
    exports io.vfiouser.devices.timer;

    provides io.vfiouser.device.DeviceProvider with
            io.vfiouser.devices.edu.EduProvider,
            io.vfiouser.devices.gpio.GpioProvider,
            io.vfiouser.devices.nvme.NvmeProvider,
            io.vfiouser.devices.serial.SerialProvider,
            io.vfiouser.devices.testdev.TestDeviceProvider,
            io.vfiouser.devices.timer.TimerProvider;
    provides io.vfiouser.devices.block.BlockBackendProvider with
            io.vfiouser.devices.block.file.FileBackendProvider,
            io.vfiouser.devices.block.memory.MemoryBackendProvider;
    provides io.vfiouser.devices.block.BlockFilterProvider with
            io.vfiouser.devices.block.filter.CowFilterProvider,
            io.vfiouser.devices.block.filter.DelayFilterProvider,
            io.vfiouser.devices.block.filter.ErrorFilterProvider,
            io.vfiouser.devices.block.filter.ReadOnlyFilterProvider,
            io.vfiouser.devices.block.filter.StatsFilterProvider;
    provides io.vfiouser.devices.serial.SerialBackendProvider with
            io.vfiouser.devices.serial.stream.FileBackendProvider,
            io.vfiouser.devices.serial.stream.LoopbackBackendProvider,
            io.vfiouser.devices.serial.stream.StdioBackendProvider,
            io.vfiouser.devices.serial.stream.TcpBackendProvider,
            io.vfiouser.devices.serial.stream.UnixBackendProvider;
}
