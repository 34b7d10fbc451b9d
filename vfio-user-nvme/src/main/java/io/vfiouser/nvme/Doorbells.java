package io.vfiouser.nvme;

/// Rings the doorbells of a controller.
interface Doorbells {
    /// Writes one.
    ///
    /// @param index 2 for each queue id, and 1 more for the head of its completion queue
    void ring(int index, int value);
}
