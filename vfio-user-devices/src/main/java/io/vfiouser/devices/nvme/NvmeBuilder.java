package io.vfiouser.devices.nvme;

import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.nvme.admin.Identity;
import io.vfiouser.devices.nvme.namespace.Namespace;
import io.vfiouser.devices.nvme.namespace.Namespaces;
import io.vfiouser.devices.nvme.spec.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

/// Describes an [NvmeDevice]. Methods return this builder; what is not set is as in
/// [NvmeSettings#defaults()].
public final class NvmeBuilder {
    private static final int SERIAL_LENGTH = 20;
    private static final int MODEL_LENGTH = 40;

    private final BlockBackend backend;
    private int blockSize = 512;
    private int namespaces = 1;
    private int queues = Limits.IO_QUEUES;
    private NvmeDoorbells doorbells = NvmeDoorbells.TRAPPED;
    private long bufferMemory = NvmeSettings.BUFFER_MEMORY;
    private String serial = "";
    private String model = "vfio-user NVMe";

    NvmeBuilder(BlockBackend backend) {
        this.backend = Objects.requireNonNull(backend, "backend");
    }

    /// Sets the bytes of a logical block: 512 or 4096.
    public NvmeBuilder blockSize(int bytes) {
        blockSize = bytes;
        return this;
    }

    /// Sets how many namespaces there are, 1 to 256, each an equal share of the backend. Only with
    /// one does the namespace grow when the backend does, to its last byte.
    public NvmeBuilder namespaces(int count) {
        namespaces = count;
        return this;
    }

    /// Sets how many I/O queue pairs there are, 1 to 64.
    public NvmeBuilder queues(int pairs) {
        queues = pairs;
        return this;
    }

    /// Sets how the host rings.
    public NvmeBuilder doorbells(NvmeDoorbells doorbells) {
        this.doorbells = Objects.requireNonNull(doorbells, "doorbells");
        return this;
    }

    /// Sets how many bytes the buffers of commands may take up together, at least 2 MiB, rounded up
    /// to a multiple of that. Buffers are for Compare, Verify and Dataset Management, and for the
    /// data of clients that share no memory; commands for which there is none wait.
    public NvmeBuilder bufferMemory(long bytes) {
        bufferMemory = bytes;
        return this;
    }

    /// Sets the serial number, at most 20 printable ASCII characters; empty for a new one that
    /// nobody else has.
    public NvmeBuilder serial(String serial) {
        this.serial = Objects.requireNonNull(serial, "serial");
        return this;
    }

    /// Sets the model number, 1 to 40 printable ASCII characters.
    public NvmeBuilder model(String model) {
        this.model = Objects.requireNonNull(model, "model");
        return this;
    }

    /// The device, which owns the backend from now on.
    ///
    /// @throws IllegalArgumentException for a number or text out of its range, or a backend that
    ///   does not take such blocks; the backend is the caller's then
    public NvmeDevice build() {
        checkRange("namespaces", namespaces, Limits.NAMESPACES);
        checkRange("queues", queues, Limits.IO_QUEUES);
        if (bufferMemory < NvmeSettings.LEAST_BUFFER_MEMORY
                || bufferMemory > NvmeSettings.MOST_BUFFER_MEMORY) {
            throw new IllegalArgumentException(
                    "buffermemory: %d (expected: %d to %d)"
                            .formatted(
                                    bufferMemory,
                                    NvmeSettings.LEAST_BUFFER_MEMORY,
                                    NvmeSettings.MOST_BUFFER_MEMORY));
        }
        checkText("serial", serial, 0, SERIAL_LENGTH);
        checkText("model", model, 1, MODEL_LENGTH);
        List<Namespace> all = new ArrayList<>(namespaces);
        for (int id = 1; id <= namespaces; id++) {
            all.add(new Namespace(id, backend, namespaces, blockSize));
        }
        if (all.getFirst().blocks() == 0) {
            throw new IllegalArgumentException(
                    "capacity: %d bytes for %d namespaces (expected: at least a block for each)"
                            .formatted(backend.properties().capacityBytes(), namespaces));
        }
        var identity =
                new Identity(
                        serial.isEmpty() ? newSerial() : serial,
                        model,
                        queues,
                        doorbells == NvmeDoorbells.TRAPPED,
                        backend.properties().volatileWriteCache());
        return new NvmeDevice(backend, identity, new Namespaces(all), doorbells, bufferMemory);
    }

    private static String newSerial() {
        return "%016x".formatted(ThreadLocalRandom.current().nextLong());
    }

    private static void checkRange(String name, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(
                    "%s: %d (expected: 1 to %d)".formatted(name, value, most));
        }
    }

    private static void checkText(String name, String value, int least, int most) {
        boolean printable = value.chars().allMatch(c -> c >= ' ' && c <= '~');
        if (!printable || value.length() < least || value.length() > most) {
            throw new IllegalArgumentException(
                    "%s: %d characters (expected: %d to %d, printable ASCII)"
                            .formatted(name, value.length(), least, most));
        }
    }
}
