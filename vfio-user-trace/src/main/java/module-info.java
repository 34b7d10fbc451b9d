/// What goes between clients and devices, made visible: [io.vfiouser.trace.Tracer] turns messages
/// into lines with the names of registers.
module io.vfiouser.trace {
    requires transitive io.vfiouser.codec;
    requires transitive io.vfiouser.device;
    requires transitive io.vfiouser.server;
    requires io.vfiouser.filters;
    requires transitive io.netty.buffer;
    requires io.netty.common;
    requires io.netty.transport.unix.common;
    requires org.slf4j;
    requires static transitive org.jspecify;
    requires static com.google.errorprone.annotations;

    exports io.vfiouser.trace;
}
