/// The wire of vfio-user: the messages as values, their codec, and the Netty channel that carries
/// descriptors.
module io.vfiouser.codec {
    // Errno, FdBundle, ByteBuf and Channel appear in signatures.
    requires transitive io.vfiouser.os;
    requires transitive io.netty.buffer;
    requires transitive io.netty.common;
    requires transitive io.netty.transport;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;
    requires org.slf4j;
    requires tools.jackson.core;
    // Annotations only.
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;

    exports io.vfiouser.codec;
    exports io.vfiouser.protocol;
    exports io.vfiouser.transport;
}
