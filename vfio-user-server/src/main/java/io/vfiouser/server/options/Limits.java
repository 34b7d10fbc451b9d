package io.vfiouser.server.options;

import java.time.Duration;
import java.util.Objects;

/// What one client may use of the server. Each limit is named in the error that enforces it.
///
/// @param maxTransferSize bytes of data in one region or DMA access, announced as
///   `max_data_xfer_size`; 4096 to 64 MiB, 1 MiB by default
/// @param announcedDescriptors what we announce as `max_msg_fds`; 1 to 16 (QEMU refuses more), 8 by
///   default
/// @param maxDescriptorsPerMessage descriptors accepted with one message, whatever was announced
///   (Cloud Hypervisor sends 16 to everybody); 1 to 253, the kernel's own limit, by default 253
/// @param maxDmaRegions DMA regions of one client; 65 536 by default
/// @param maxMappedBytes bytes of client memory mapped for one client; 16 TiB by default
/// @param maxQueuedCommands commands of one client that wait behind a slow one before we stop
///   reading from it; 1024 by default
/// @param maxQueuedBytes bytes of such commands; 8 MiB by default
/// @param maxBitmapSize bytes of the largest bitmap of dirty pages given in one reply, if the
///   client does not want less; 8 to 1 GiB, by default the protocol's 256 MiB
/// @param maxCapabilitiesJson bytes of JSON in VERSION; 4096 by default
/// @param negotiationTimeout how long a client may take from connecting to a whole VERSION message;
///   10 s by default
/// @param peerCallTimeout how long a client may take to answer DMA_READ or DMA_WRITE; 10 s by
///   default
public record Limits(
        int maxTransferSize,
        int announcedDescriptors,
        int maxDescriptorsPerMessage,
        int maxDmaRegions,
        long maxMappedBytes,
        int maxQueuedCommands,
        int maxQueuedBytes,
        int maxBitmapSize,
        int maxCapabilitiesJson,
        Duration negotiationTimeout,
        Duration peerCallTimeout,
        Duration leaseTimeout) {
    private static final Limits DEFAULTS =
            new Limits(
                    1 << 20,
                    8,
                    253,
                    1 << 16,
                    1L << 44,
                    1024,
                    8 << 20,
                    256 << 20,
                    4096,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(10));

    /// Checks the ranges.
    public Limits {
        check("maxTransferSize", maxTransferSize, 4096, 64 << 20);
        check("announcedDescriptors", announcedDescriptors, 1, 16);
        check("maxDescriptorsPerMessage", maxDescriptorsPerMessage, 1, 253);
        check("maxDmaRegions", maxDmaRegions, 1, 1 << 24);
        check("maxQueuedCommands", maxQueuedCommands, 1, 1 << 20);
        check("maxQueuedBytes", maxQueuedBytes, 1 << 16, 1 << 30);
        check("maxBitmapSize", maxBitmapSize, 8, 1 << 30);
        check("maxCapabilitiesJson", maxCapabilitiesJson, 256, 1 << 20);
        if (maxMappedBytes < 1) {
            throw new IllegalArgumentException(
                    "maxMappedBytes: " + maxMappedBytes + " (expected: at least 1)");
        }
        checkPositive("negotiationTimeout", negotiationTimeout);
        checkPositive("peerCallTimeout", peerCallTimeout);
        checkPositive("leaseTimeout", leaseTimeout);
    }

    /// The defaults that the parameters name.
    public static Limits defaults() {
        return DEFAULTS;
    }

    /// The same limits with another [#maxTransferSize()].
    public Limits withMaxTransferSize(int bytes) {
        return new Limits(
                bytes,
                announcedDescriptors,
                maxDescriptorsPerMessage,
                maxDmaRegions,
                maxMappedBytes,
                maxQueuedCommands,
                maxQueuedBytes,
                maxBitmapSize,
                maxCapabilitiesJson,
                negotiationTimeout,
                peerCallTimeout,
                leaseTimeout);
    }

    /// The same limits with other [#maxDmaRegions()] and [#maxMappedBytes()].
    public Limits withMemory(int regions, long bytes) {
        return new Limits(
                maxTransferSize,
                announcedDescriptors,
                maxDescriptorsPerMessage,
                regions,
                bytes,
                maxQueuedCommands,
                maxQueuedBytes,
                maxBitmapSize,
                maxCapabilitiesJson,
                negotiationTimeout,
                peerCallTimeout,
                leaseTimeout);
    }

    /// The same limits with other [#maxQueuedCommands()] and [#maxQueuedBytes()].
    public Limits withQueue(int commands, int bytes) {
        return new Limits(
                maxTransferSize,
                announcedDescriptors,
                maxDescriptorsPerMessage,
                maxDmaRegions,
                maxMappedBytes,
                commands,
                bytes,
                maxBitmapSize,
                maxCapabilitiesJson,
                negotiationTimeout,
                peerCallTimeout,
                leaseTimeout);
    }

    /// The same limits with another [#maxBitmapSize()].
    public Limits withMaxBitmapSize(int bytes) {
        return new Limits(
                maxTransferSize,
                announcedDescriptors,
                maxDescriptorsPerMessage,
                maxDmaRegions,
                maxMappedBytes,
                maxQueuedCommands,
                maxQueuedBytes,
                bytes,
                maxCapabilitiesJson,
                negotiationTimeout,
                peerCallTimeout,
                leaseTimeout);
    }

    /// The same limits with other [#negotiationTimeout()], [#peerCallTimeout()] and
    /// [#leaseTimeout()].
    public Limits withTimeouts(Duration negotiation, Duration peerCall, Duration lease) {
        return new Limits(
                maxTransferSize,
                announcedDescriptors,
                maxDescriptorsPerMessage,
                maxDmaRegions,
                maxMappedBytes,
                maxQueuedCommands,
                maxQueuedBytes,
                maxBitmapSize,
                maxCapabilitiesJson,
                negotiation,
                peerCall,
                lease);
    }

    /// Bytes of the largest message that a client may send: header, region access structure and
    /// [#maxTransferSize()] bytes of data.
    public int maxMessageSize() {
        return maxTransferSize + 32;
    }

    private static void check(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    name + ": " + value + " (expected: " + least + " to " + most + ")");
        }
    }

    private static void checkPositive(String name, Duration value) {
        Objects.requireNonNull(value, name);
        if (!value.isPositive()) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: above zero)");
        }
    }
}
