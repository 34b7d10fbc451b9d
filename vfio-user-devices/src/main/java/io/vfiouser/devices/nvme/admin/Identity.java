package io.vfiouser.devices.nvme.admin;

/// Who a controller is and what it offers, as far as that differs between controllers.
///
/// @param serial serial number, 1 to 20 ASCII characters
/// @param model model number, 1 to 40 ASCII characters
/// @param ioQueues I/O queue pairs, 1 to 64
/// @param shadowDoorbells whether Doorbell Buffer Config is offered
/// @param writeCache whether any namespace has a volatile write cache
public record Identity(
        String serial, String model, int ioQueues, boolean shadowDoorbells, boolean writeCache) {
    /// Firmware revision of all controllers, 8 ASCII characters.
    public static final String FIRMWARE = "1.0     ";

    /// PCI vendor id of all controllers.
    public static final int VENDOR = 0x1af4;

    /// The NQN of the subsystem, which has this controller only.
    public String subsystem() {
        return "nqn.2026-11.io.vfiouser:nvme:" + serial.strip();
    }

    /// The same with another serial number.
    public Identity withSerial(String other) {
        return new Identity(other, model, ioQueues, shadowDoorbells, writeCache);
    }
}
