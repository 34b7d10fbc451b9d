/// An NVMe initiator in user space: [io.vfiouser.nvme.NvmeInitiator] drives the controller behind
/// any vfio-user server.
module io.vfiouser.nvme {
    // ClientOptions appears in signatures.
    requires transitive io.vfiouser.client;
    requires org.slf4j;
    // Annotations only.
    requires static org.jspecify;

    exports io.vfiouser.nvme;
}
