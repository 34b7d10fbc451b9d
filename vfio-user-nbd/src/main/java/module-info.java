/// Storage for block devices on an NBD server, found by name as the backend `nbd`.
module io.vfiouser.nbd {
    // BlockBackend and EventLoop appear in signatures.
    requires transitive io.vfiouser.devices;
    requires transitive io.netty.transport;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;
    requires org.slf4j;
    requires static org.jspecify;

    exports io.vfiouser.nbd;

    provides io.vfiouser.devices.block.BlockBackendProvider with
            io.vfiouser.nbd.NbdBackendProvider;
}
