package io.vfiouser.nvme;

import java.lang.foreign.MemorySegment;

/// What a controller says of itself (NVMe 1.4: "Identify Controller data structure").
///
/// @param vendor PCI vendor id
/// @param serial serial number
/// @param model model number
/// @param firmware firmware revision
/// @param version of the specification: major in bits 31:16, minor in bits 15:8
/// @param maxTransfer bytes of the largest transfer; [Long#MAX_VALUE] if there is no limit
/// @param eventRequests Asynchronous Event Requests that may wait at a time
/// @param keepAliveUnit granularity of the keep alive timer, in 100 ms; 0 if there is none
/// @param namespaces the largest namespace id, unsigned
/// @param optionalCommands ONCS: Compare in bit 0, Dataset Management in bit 2, Write Zeroes in bit
///   3
/// @param volatileWriteCache whether there is a cache to be flushed
/// @param sgls SGLS: SGLs in bits 1:0
/// @param subsystem qualified name of the NVM subsystem
public record ControllerIdentity(
        int vendor,
        String serial,
        String model,
        String firmware,
        int version,
        long maxTransfer,
        int eventRequests,
        int keepAliveUnit,
        int namespaces,
        int optionalCommands,
        boolean volatileWriteCache,
        int sgls,
        String subsystem) {
    static ControllerIdentity parse(MemorySegment data) {
        int power = Words.u8(data, 77);
        return new ControllerIdentity(
                Words.u16(data, 0),
                Words.text(data, 4, 20),
                Words.text(data, 24, 40),
                Words.text(data, 64, 8),
                Words.i32(data, 80),
                power == 0 || power > 40 ? Long.MAX_VALUE : (long) DmaPool.PAGE << power,
                Words.u8(data, 259) + 1,
                Words.u16(data, 320),
                Words.i32(data, 516),
                Words.u16(data, 520),
                (Words.u8(data, 525) & 1) != 0,
                Words.i32(data, 536),
                Words.text(data, 768, 256));
    }

    /// Whether I/O commands may use SGLs.
    public boolean takesSgls() {
        return (sgls & 3) != 0;
    }
}
