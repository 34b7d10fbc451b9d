package io.vfiouser.devices.nvme;

import io.vfiouser.device.Setting;
import io.vfiouser.device.Variants;
import io.vfiouser.devices.block.BlockBackends;

/// The settings of an `nvme` device.
///
/// @param backend where the blocks are; brings settings of its own
/// @param filters what stands before the backend, if anything
/// @param blocksize bytes of a logical block: 512 or 4096
/// @param namespaces 1 to 256, each an equal share of the backend
/// @param queues I/O queue pairs, 1 to 64
/// @param doorbells how the host rings
/// @param buffermemory bytes that the buffers of commands may take up together, 2 MiB to 4 GiB
/// @param serial serial number, up to 20 ASCII characters; empty for a new one
/// @param model model number, 1 to 40 ASCII characters
public record NvmeSettings(
        @Setting("where the blocks are") Variants backend,
        @Setting("what stands before the backend, the first named sees requests first")
                Variants filters,
        @Setting("bytes of a logical block, 512 or 4096") int blocksize,
        @Setting("how many namespaces share the backend, 1 to 256") int namespaces,
        @Setting("I/O queue pairs, 1 to 64") int queues,
        @Setting(
                        "trapped: a message each, unless the guest takes shadow doorbells; mapped:"
                                + " a page that the server polls")
                NvmeDoorbells doorbells,
        @Setting("bytes for data that cannot go directly; commands beyond wait") long buffermemory,
        @Setting("serial number, up to 20 characters; empty: a new one") String serial,
        @Setting("model number, up to 40 characters") String model) {
    static final long LEAST_BUFFER_MEMORY = 2 << 20;
    static final long MOST_BUFFER_MEMORY = 4L << 30;
    static final long BUFFER_MEMORY = 16 << 20;

    /// A memory disk with one namespace of 512-byte blocks.
    public static NvmeSettings defaults() {
        return new NvmeSettings(
                Variants.of(BlockBackends.backend("memory")),
                Variants.of(),
                512,
                1,
                64,
                NvmeDoorbells.TRAPPED,
                BUFFER_MEMORY,
                "",
                "vfio-user NVMe");
    }
}
