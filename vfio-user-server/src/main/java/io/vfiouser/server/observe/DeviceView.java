package io.vfiouser.server.observe;

import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.protocol.MigrationState;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// How a device is at one moment, between two commands.
///
/// @param client who is there
/// @param config the config space, as hexadecimal digits from its first byte on
/// @param memory the client's memory, in the order in which it was made known
/// @param irqs the interrupts that were used, armed or masked, by type and vector
/// @param migration the migration state; RUNNING for a device that does not migrate
public record DeviceView(
        Optional<ClientView> client,
        String config,
        List<DmaRange> memory,
        List<IrqView> irqs,
        MigrationState migration) {
    /// Copies the lists.
    public DeviceView {
        memory = List.copyOf(memory);
        irqs = List.copyOf(irqs);
    }

    /// The bytes of the config space.
    public byte[] configBytes() {
        return HexFormat.of().parseHex(config);
    }
}
