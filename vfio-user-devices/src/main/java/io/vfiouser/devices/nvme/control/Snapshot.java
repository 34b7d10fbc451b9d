package io.vfiouser.devices.nvme.control;

import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/// The state of a controller as it migrates, while nothing is at work: numbers in a fixed order.
///
/// What comes from outside is only read here; [SnapshotCheck] checks it.
///
/// @param serial serial number
/// @param parts everything else; on the wire in the order of [Part]
record Snapshot(String serial, Map<Part, long[]> parts) {
    /// Bytes that no state exceeds.
    static final int MAX_SIZE = 1 << 20;

    private static final int MAGIC = 0x6e76_6d32; // "nvm2"
    private static final int MAX_LIST = 1 << 16;

    /// The lists.
    enum Part {
        /// Geometry: I/O queue pairs, namespaces, bytes of the first namespace.
        SHAPE,
        /// Registers and the interrupt mask.
        REGISTERS,
        /// Values of features.
        FEATURES,
        /// Counters of health and errors.
        COUNTERS,
        /// log2 of the block size of each namespace.
        BLOCK_SHIFTS,
        /// Completion queues, [ControllerState#COMPLETION_FIELDS] numbers each.
        COMPLETION_QUEUES,
        /// Submission queues, [ControllerState#SUBMISSION_FIELDS] numbers each.
        SUBMISSION_QUEUES,
        /// Completions that wait for room, [ControllerState#KEPT_FIELDS] numbers each.
        KEPT,
        /// Command ids of waiting Asynchronous Event Requests.
        EVENT_REQUESTS,
        /// Events that were not reported yet.
        EVENTS,
        /// Addresses of shadow doorbells, if they are used.
        SHADOW_DOORBELLS,
        /// Admin commands that go on after a pause, [ControllerState#HELD_FIELDS] numbers each.
        HELD
    }

    long[] part(Part part) {
        return Objects.requireNonNull(parts.get(part), part.name());
    }

    byte[] toBytes() {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeInt(MAGIC);
            out.writeUTF(serial);
            for (Part each : Part.values()) {
                long[] list = part(each);
                out.writeInt(list.length);
                for (long value : list) {
                    out.writeLong(value);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail", e);
        }
        return bytes.toByteArray();
    }

    static Snapshot of(byte[] bytes) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int magic = in.readInt();
            if (magic != MAGIC) {
                throw refused("state: 0x%x at its start (expected: 0x%x)".formatted(magic, MAGIC));
            }
            String serial = in.readUTF();
            Map<Part, long[]> parts = new EnumMap<>(Part.class);
            for (Part each : Part.values()) {
                parts.put(each, list(in));
            }
            if (in.available() > 0) {
                throw refused("state: %d bytes more (expected: its end)".formatted(in.available()));
            }
            return new Snapshot(serial, parts);
        } catch (IOException _) {
            throw refused(
                    "state: %d bytes (expected: more, or text where it is)"
                            .formatted(bytes.length));
        }
    }

    static DeviceException refused(String message) {
        return new DeviceException(Errno.EINVAL, message);
    }

    private static long[] list(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > MAX_LIST || length > in.available() / Long.BYTES) {
            throw refused("state: a list of %d (expected: what follows)".formatted(length));
        }
        long[] list = new long[length];
        for (int i = 0; i < length; i++) {
            list[i] = in.readLong();
        }
        return list;
    }
}
