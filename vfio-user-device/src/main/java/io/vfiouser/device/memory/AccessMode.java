package io.vfiouser.device.memory;

/// What a device wants to do with guest memory.
public enum AccessMode {
    /// Read only.
    READ,
    /// Write only; the pages count as dirty.
    WRITE,
    /// Read and write; the pages count as dirty.
    READ_WRITE;

    /// Whether the device reads.
    public boolean reads() {
        return this != WRITE;
    }

    /// Whether the device writes.
    public boolean writes() {
        return this != READ;
    }
}
