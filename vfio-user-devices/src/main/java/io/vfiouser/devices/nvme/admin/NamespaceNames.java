package io.vfiouser.devices.nvme.admin;

import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.nvme.namespace.Namespace;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/// The names of a namespace that no other one has, made from the controller's serial number: the
/// same each time, and after a migration.
///
/// @param uuid also serves as the NGUID
record NamespaceNames(UUID uuid) {
    private static final int TYPE_NGUID = 2;
    private static final int TYPE_UUID = 3;
    private static final int GUID_SIZE = 16;

    static NamespaceNames of(Namespace namespace, Identity identity) {
        String name = identity.subsystem() + ":" + namespace.id();
        return new NamespaceNames(UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.US_ASCII)));
    }

    /// Writes the 16 bytes, which are big-endian.
    void writeGuid(MemorySegment data, long offset) {
        LittleEndian.put(data, offset, 8, Long.reverseBytes(uuid.getMostSignificantBits()));
        LittleEndian.put(data, offset + 8, 8, Long.reverseBytes(uuid.getLeastSignificantBits()));
    }

    /// Writes the list of NVMe 1.4: "Namespace Identification Descriptor".
    void writeDescriptors(MemorySegment data) {
        writeDescriptor(data, 0, TYPE_UUID);
        writeDescriptor(data, 4 + GUID_SIZE, TYPE_NGUID);
    }

    private void writeDescriptor(MemorySegment data, long at, int type) {
        LittleEndian.put(data, at, 1, type);
        LittleEndian.put(data, at + 1, 1, GUID_SIZE);
        writeGuid(data, at + 4);
    }
}
