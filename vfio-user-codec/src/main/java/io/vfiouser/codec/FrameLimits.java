package io.vfiouser.codec;

import static io.vfiouser.protocol.WireFormat.DATA_OVERHEAD;
import static io.vfiouser.protocol.WireFormat.DEFAULT_MAX_DATA_XFER_SIZE;
import static io.vfiouser.protocol.WireFormat.HEADER_SIZE;
import static io.vfiouser.protocol.WireFormat.KERNEL_MAX_MSG_FDS;

/// What a peer may send in one message.
///
/// @param maxMessageSize bytes of a message, header included, >= 16
/// @param maxDescriptorsPerMessage descriptors beside a message, >= 0
public record FrameLimits(int maxMessageSize, int maxDescriptorsPerMessage) {
    /// What the reference server takes: 1 MiB of data, and as many descriptors as the kernel
    /// passes. (Clients send more than `max_msg_fds` announced.)
    public static final FrameLimits DEFAULT =
            new FrameLimits(DEFAULT_MAX_DATA_XFER_SIZE + DATA_OVERHEAD, KERNEL_MAX_MSG_FDS);

    /// Checks the ranges.
    ///
    /// @throws IllegalArgumentException if a limit is out of its range
    public FrameLimits {
        if (maxMessageSize < HEADER_SIZE) {
            throw new IllegalArgumentException(
                    "maxMessageSize: " + maxMessageSize + " (expected: >= 16)");
        }
        if (maxDescriptorsPerMessage < 0) {
            throw new IllegalArgumentException(
                    "maxDescriptorsPerMessage: " + maxDescriptorsPerMessage + " (expected: >= 0)");
        }
    }
}
