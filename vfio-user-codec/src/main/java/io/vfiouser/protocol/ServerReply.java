package io.vfiouser.protocol;

/// What a server may answer to a [ClientRequest].
public sealed interface ServerReply extends Reply
        permits Version.Reply,
                DmaUnmap.Reply,
                DeviceGetInfo.Reply,
                DeviceGetRegionInfo.Reply,
                DeviceGetRegionIoFds.Reply,
                DeviceGetIrqInfo.Reply,
                RegionRead.Reply,
                RegionWrite.Reply,
                RegionWriteMulti.Reply,
                DeviceFeature.Reply,
                MigDataRead.Reply,
                PayloadReply,
                EmptyReply,
                ErrorReply {}
