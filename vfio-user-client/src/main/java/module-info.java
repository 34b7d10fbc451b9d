/// A vfio-user client for tests and tools: [io.vfiouser.client.VfioUserClient] drives a device
/// behind any vfio-user server, and [io.vfiouser.client.RawConnection] sends it what no client
/// should.
module io.vfiouser.client {
    // Messages, Errno, SharedMemory, EventFd and EventLoopGroup appear in signatures.
    requires transitive io.vfiouser.codec;
    requires org.slf4j;
    // Annotations only.
    requires static com.google.errorprone.annotations;
    requires static org.jspecify;

    exports io.vfiouser.client;
    exports io.vfiouser.client.memory;
}
