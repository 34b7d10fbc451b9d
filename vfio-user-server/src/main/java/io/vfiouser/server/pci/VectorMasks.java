package io.vfiouser.server.pci;

/// The mask and pending bits that a client sees for the vectors of MSI or MSI-X. All methods may be
/// called on any thread.
public interface VectorMasks {
    /// Masks nothing and shows nothing: for a type without such bits.
    VectorMasks NONE =
            new VectorMasks() {
                @Override
                public boolean masked(int vector) {
                    return false;
                }

                @Override
                public boolean pending(int vector) {
                    return false;
                }

                @Override
                public void showPending(int vector, boolean pending) {}
            };

    /// Whether config space says that the client uses these vectors: one that fires before it has
    /// its eventfd is then pending, and fires when it gets it.
    default boolean enabled() {
        return false;
    }

    /// Whether the client has masked the vector, so that it must not fire now.
    ///
    /// @param vector 0 to the number of vectors - 1
    boolean masked(int vector);

    /// Whether the pending bit is shown.
    ///
    /// @param vector 0 to the number of vectors - 1
    boolean pending(int vector);

    /// Shows or hides the pending bit.
    ///
    /// @param vector 0 to the number of vectors - 1
    void showPending(int vector, boolean pending);
}
