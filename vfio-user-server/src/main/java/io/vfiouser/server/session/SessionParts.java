package io.vfiouser.server.session;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.protocol.Version;
import io.vfiouser.server.dispatch.DeviceCalls;
import io.vfiouser.server.dma.DirtyLog;
import io.vfiouser.server.dma.DmaTable;
import io.vfiouser.server.loop.DeviceLoop;
import io.vfiouser.server.migration.MigrationMachine;
import io.vfiouser.server.options.Limits;
import io.vfiouser.server.peer.RequestSink;
import io.vfiouser.server.region.RegionTable;

/// What there is for one session when its dialect sets to work.
///
/// @param loop the device's
/// @param requests where commands to the client go
/// @param client what the client said in VERSION
/// @param limits what the client may use
/// @param layout what the device looks like
/// @param regions of the device; they outlive the session
/// @param dma the client's memory
/// @param log which pages of it were written
/// @param migration state of the device, which outlives the session
/// @param device the device itself
public record SessionParts(
        DeviceLoop loop,
        RequestSink requests,
        Version client,
        Limits limits,
        DeviceLayout layout,
        RegionTable regions,
        DmaTable dma,
        DirtyLog log,
        MigrationMachine migration,
        DeviceCalls device) {}
