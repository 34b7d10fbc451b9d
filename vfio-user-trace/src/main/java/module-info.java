/// What goes between clients and devices, made visible: [io.vfiouser.trace.Tracer] turns messages
/// into lines with the names of registers, [io.vfiouser.trace.capture.Capture] writes them to
/// files, [io.vfiouser.trace.replay.Replay] plays those to a device again,
/// [io.vfiouser.trace.replay.ReplayDevice] to a driver, and [io.vfiouser.trace.proxy.VfioUserProxy]
/// stands between a client and any server.
module io.vfiouser.trace {
    requires transitive io.vfiouser.codec;
    requires transitive io.vfiouser.device;
    requires transitive io.vfiouser.server;
    requires transitive io.vfiouser.filters;
    requires transitive io.netty.buffer;
    requires io.netty.common;
    requires transitive io.netty.transport;
    requires io.netty.transport.unix.common;
    requires org.slf4j;
    requires static transitive org.jspecify;
    requires static com.google.errorprone.annotations;

    exports io.vfiouser.trace;
    exports io.vfiouser.trace.capture;
    exports io.vfiouser.trace.proxy;
    exports io.vfiouser.trace.replay;
    exports io.vfiouser.trace.wire;

    provides io.vfiouser.device.DeviceProvider with
            io.vfiouser.trace.replay.ReplayDeviceProvider;
    provides io.vfiouser.filters.FilterProvider with
            io.vfiouser.trace.capture.RecordFilterProvider;
}
