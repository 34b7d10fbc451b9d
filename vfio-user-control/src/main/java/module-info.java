/// A control API over HTTP and a live page for a running [io.vfiouser.server.VfioUserServer]. Start
/// at [io.vfiouser.control.ControlServer].
module io.vfiouser.control {
    requires transitive io.vfiouser.server;
    requires transitive io.vfiouser.filters;
    requires io.vfiouser.metrics;
    requires io.vfiouser.trace;
    requires io.netty.buffer;
    requires io.netty.codec.http;
    requires io.netty.codec;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.transport;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;
    requires micrometer.core;
    requires micrometer.registry.prometheus;
    requires tools.jackson.core;
    requires tools.jackson.databind;
    requires org.slf4j;
    requires static transitive org.jspecify;
    requires static com.google.errorprone.annotations;

    exports io.vfiouser.control;
}
