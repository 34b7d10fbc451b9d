/// The vfio-user server: hosts [io.vfiouser.device.Device] beans on UNIX sockets, many on one event
/// loop. Start at [io.vfiouser.server.VfioUserServer].
module io.vfiouser.server {
    requires transitive io.vfiouser.codec;
    requires transitive io.vfiouser.device;
    requires io.netty.buffer;
    requires io.netty.common;
    requires transitive io.netty.transport;
    requires io.netty.transport.unix.common;
    requires io.netty.transport.classes.epoll;
    requires java.management;
    requires jdk.jfr;
    requires org.slf4j;
    requires static transitive org.jspecify;
    requires static com.google.errorprone.annotations;

    exports io.vfiouser.server;
    exports io.vfiouser.server.handover;
    exports io.vfiouser.server.observe;
    exports io.vfiouser.server.options;
    exports io.vfiouser.server.state;
}
