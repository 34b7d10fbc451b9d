package io.vfiouser.protocol;

import java.util.Objects;

/// Makes a range of client memory known to the server (spec: "VFIO_USER_DMA_MAP").
///
/// | field   | offset | bytes |
/// |---------|--------|-------|
/// | argsz   | 0      | 4     |
/// | flags   | 4      | 4     |
/// | offset  | 8      | 8     |
/// | address | 16     | 8     |
/// | size    | 24     | 8     |
///
/// At most one descriptor comes along: the file behind the memory. The reply is an [EmptyReply].
/// Numbers of 8 bytes are unsigned; whether the range wraps, overlaps or is empty is for the
/// handler to judge.
///
/// @param flags what the server may do with the memory, and how
/// @param offset first byte in the file behind the descriptor; 0 without one
/// @param address DMA address of the first byte
/// @param size bytes
public record DmaMap(DmaFlags flags, long offset, long address, long size)
        implements ClientRequest {
    /// Checks that there are flags.
    public DmaMap {
        Objects.requireNonNull(flags, "flags");
    }

    @Override
    public int commandId() {
        return Command.DMA_MAP.id();
    }
}
