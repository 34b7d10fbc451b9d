package io.vfiouser.device.pci;

/// The device's own view of its config space; belongs to the device's loop. Unlike a client, a
/// device may write any register.
public interface ConfigSpace {
    /// Bytes: 256 or 4096.
    int size();

    /// The little-endian value at an offset.
    ///
    /// @param width 1, 2 or 4 bytes
    /// @throws IndexOutOfBoundsException past the end
    int read(int offset, int width);

    /// Stores a little-endian value, past all write masks.
    ///
    /// @param width 1, 2 or 4 bytes
    /// @throws IndexOutOfBoundsException past the end
    void write(int offset, int width, int value);

    /// Where the first capability with this id starts, or 0 if there is none.
    default int findCapability(int id) {
        return findNextCapability(0, id);
    }

    /// Where the next capability with this id starts, or 0 if there is none.
    ///
    /// @param after the start of the capability to look behind; 0 to look from the head
    /// @throws IllegalArgumentException if no capability starts there
    int findNextCapability(int after, int id);

    /// Where the first extended capability with this id starts, or 0 if there is none.
    default int findExtendedCapability(int id) {
        return findNextExtendedCapability(0, id);
    }

    /// Where the next extended capability with this id starts, or 0 if there is none.
    ///
    /// @param after the start of the extended capability to look behind; 0 to look from the head
    /// @throws IllegalArgumentException if no extended capability starts there
    int findNextExtendedCapability(int after, int id);

    /// Whether the client lets the device do DMA (command register bit 2).
    boolean busMaster();

    /// Whether the client has MSI or MSI-X enabled, so that INTx stays silent.
    boolean messageInterruptsEnabled();
}
