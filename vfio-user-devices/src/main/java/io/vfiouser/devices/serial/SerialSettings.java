package io.vfiouser.devices.serial;

import io.vfiouser.device.Setting;
import io.vfiouser.device.Variants;
import java.util.Objects;

/// The settings of a `serial` device.
///
/// @param backend what is on the other end of the cable; brings settings of its own
/// @param flowControl when bytes for the guest wait
public record SerialSettings(
        @Setting("what is on the other end of the cable") Variants backend,
        @Setting("bytes wait: hold, while the guest has no room; rts, while it has RTS down too")
                FlowControl flowControl) {
    /// Checks that nothing is missing.
    public SerialSettings {
        Objects.requireNonNull(backend, "backend");
        Objects.requireNonNull(flowControl, "flowControl");
    }

    /// A loopback plug, bytes wait for the guest.
    public static SerialSettings defaults() {
        return new SerialSettings(
                Variants.of(SerialBackends.backend("loopback")), FlowControl.HOLD);
    }
}
