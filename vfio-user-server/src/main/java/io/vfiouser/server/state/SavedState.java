package io.vfiouser.server.state;

/// What is kept of one device.
public final class SavedState {
    private final String device;
    private final String shape;
    private final byte[] functions;
    private final byte[] state;

    /// What is to be kept. The arrays are not copied.
    ///
    /// @param device what kind it is, for people
    /// @param shape a digest of its regions, interrupts and config space: the device that goes on
    ///   must have the same
    /// @param functions config space and MSI-X table, as clients have written them
    /// @param state what the device itself has saved
    public SavedState(String device, String shape, byte[] functions, byte[] state) {
        this.device = device;
        this.shape = shape;
        this.functions = functions;
        this.state = state;
    }

    /// What kind of device it is, for people.
    public String device() {
        return device;
    }

    /// A digest of its regions, interrupts and config space.
    public String shape() {
        return shape;
    }

    /// Config space and MSI-X table; not a copy.
    public byte[] functions() {
        return functions;
    }

    /// What the device itself has saved; not a copy.
    public byte[] state() {
        return state;
    }
}
