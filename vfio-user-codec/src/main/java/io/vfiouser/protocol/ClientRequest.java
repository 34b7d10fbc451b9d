package io.vfiouser.protocol;

/// What a client, the side with the virtual machine, may ask of the server.
public sealed interface ClientRequest extends Request
        permits Version,
                DmaMap,
                DmaUnmap,
                DeviceGetInfo,
                DeviceGetRegionInfo,
                DeviceGetRegionIoFds,
                DeviceGetIrqInfo,
                DeviceSetIrqs,
                RegionRead,
                RegionWrite,
                RegionWriteMulti,
                DeviceReset,
                DeviceFeature,
                MigDataRead,
                MigDataWrite,
                UnknownRequest {}
