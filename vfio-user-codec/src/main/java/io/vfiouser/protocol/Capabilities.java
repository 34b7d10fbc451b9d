package io.vfiouser.protocol;

import java.util.Objects;

/// What one side of a session can take, as it says in `VERSION` (spec: "Version Data Format").
///
/// A key that a peer leaves out has the default of the specification, so a value equal to the
/// default need not be sent.
///
/// @param maxMsgFds `max_msg_fds`: descriptors the sender takes in one message, >= 0
/// @param maxDataXferSize `max_data_xfer_size`: data bytes of one transfer the sender takes, >= 1
/// @param maxDmaMaps `max_dma_maps`: DMA regions valid at one time, >= 0
/// @param pageSizes `pgsizes`: bit-wise or of the page sizes usable in DMA maps, in bytes, >= 1
/// @param migration `migration`: whether and how the sender migrates
/// @param twinSocket `twin_socket`: whether commands of the server use a second socket
/// @param writeMultiple `write_multiple`: whether `REGION_WRITE_MULTI` may be used
public record Capabilities(
        int maxMsgFds,
        int maxDataXferSize,
        int maxDmaMaps,
        long pageSizes,
        Migration migration,
        TwinSocket twinSocket,
        boolean writeMultiple) {
    /// What holds for a side that says nothing.
    public static final Capabilities DEFAULTS =
            new Capabilities(
                    WireFormat.DEFAULT_MAX_MSG_FDS,
                    WireFormat.DEFAULT_MAX_DATA_XFER_SIZE,
                    WireFormat.DEFAULT_MAX_DMA_MAPS,
                    WireFormat.DEFAULT_PAGE_SIZE,
                    Migration.NONE,
                    TwinSocket.NONE,
                    false);

    /// Checks the ranges.
    ///
    /// @throws IllegalArgumentException if a number is out of its range
    public Capabilities {
        Checks.notNegative("maxMsgFds", maxMsgFds);
        Checks.positive("maxDataXferSize", maxDataXferSize);
        Checks.notNegative("maxDmaMaps", maxDmaMaps);
        Checks.positive("pageSizes", pageSizes);
        Objects.requireNonNull(migration, "migration");
        Objects.requireNonNull(twinSocket, "twinSocket");
    }

    /// The same with another `max_msg_fds`.
    public Capabilities withMaxMsgFds(int value) {
        return new Capabilities(
                value,
                maxDataXferSize,
                maxDmaMaps,
                pageSizes,
                migration,
                twinSocket,
                writeMultiple);
    }

    /// The same with another `max_data_xfer_size`, in bytes.
    public Capabilities withMaxDataXferSize(int value) {
        return new Capabilities(
                maxMsgFds, value, maxDmaMaps, pageSizes, migration, twinSocket, writeMultiple);
    }

    /// The same with another `max_dma_maps`.
    public Capabilities withMaxDmaMaps(int value) {
        return new Capabilities(
                maxMsgFds, maxDataXferSize, value, pageSizes, migration, twinSocket, writeMultiple);
    }

    /// The same with another `pgsizes`, in bytes.
    public Capabilities withPageSizes(long value) {
        return new Capabilities(
                maxMsgFds,
                maxDataXferSize,
                maxDmaMaps,
                value,
                migration,
                twinSocket,
                writeMultiple);
    }

    /// The same with another `migration`.
    public Capabilities withMigration(Migration value) {
        return new Capabilities(
                maxMsgFds,
                maxDataXferSize,
                maxDmaMaps,
                pageSizes,
                value,
                twinSocket,
                writeMultiple);
    }

    /// The same with another `twin_socket`.
    public Capabilities withTwinSocket(TwinSocket value) {
        return new Capabilities(
                maxMsgFds, maxDataXferSize, maxDmaMaps, pageSizes, migration, value, writeMultiple);
    }

    /// The same with another `write_multiple`.
    public Capabilities withWriteMultiple(boolean value) {
        return new Capabilities(
                maxMsgFds, maxDataXferSize, maxDmaMaps, pageSizes, migration, twinSocket, value);
    }

    /// The `migration` object.
    ///
    /// @param supported whether the object is there at all, which is what says "can migrate"
    /// @param pageSize `pgsize`: bytes that one bit of a dirty bitmap stands for, >= 1
    /// @param maxBitmapSize `max_bitmap_size`: bytes of the largest dirty bitmap, >= 0 (QEMU only)
    public record Migration(boolean supported, long pageSize, long maxBitmapSize) {
        /// No migration.
        public static final Migration NONE =
                new Migration(
                        false, WireFormat.DEFAULT_PAGE_SIZE, WireFormat.DEFAULT_MAX_BITMAP_SIZE);

        /// Checks the ranges.
        public Migration {
            Checks.positive("pageSize", pageSize);
            Checks.notNegative("maxBitmapSize", maxBitmapSize);
        }

        /// Migration with pages of `pageSize` bytes and the default limit of bitmaps.
        public static Migration of(long pageSize) {
            return new Migration(true, pageSize, WireFormat.DEFAULT_MAX_BITMAP_SIZE);
        }
    }

    /// The `twin_socket` object.
    ///
    /// @param supported whether the sender wants (client) or has made (server) a second socket
    /// @param fdIndex `fd_index`: which descriptor of the reply is the socket; [#NO_FD] if not said
    public record TwinSocket(boolean supported, int fdIndex) {
        /// The `fdIndex` of a side that names no descriptor.
        public static final int NO_FD = -1;

        /// No second socket.
        public static final TwinSocket NONE = new TwinSocket(false, NO_FD);

        /// What a client says that would take a second socket.
        public static final TwinSocket WANTED = new TwinSocket(true, NO_FD);

        /// Checks the range.
        public TwinSocket {
            if (fdIndex < NO_FD) {
                throw new IllegalArgumentException("fdIndex: " + fdIndex + " (expected: >= -1)");
            }
        }
    }
}
