/// An NVMe initiator in user space: [io.vfiouser.nvme.NvmeInitiator] drives the controller behind
/// any vfio-user server.
module io.vfiouser.nvme {
    // ClientOptions appears in signatures.
    requires transitive io.vfiouser.client;
    // Annotations only.
    requires static com.google.errorprone.annotations;
    requires static org.jspecify;

    exports io.vfiouser.nvme;
}
