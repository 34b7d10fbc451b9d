package io.vfiouser.nvme;

import io.vfiouser.client.ClientOptions;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/// How an initiator talks to its controller.
///
/// @param client how the connection behaves
/// @param timeout how long a command may take; the controller's own CAP.TO counts for enabling and
///   shutting down; 5 s by default
/// @param memorySize bytes of memory that is shared with the server, for queues and data, a
///   multiple of 4096; 64 MiB by default, of which only what is used takes up room
/// @param iova DMA address of that memory, a multiple of 4096
/// @param queueEntries entries of an I/O queue, 2 to 65536, or fewer if the controller has a lower
///   limit; 256 by default
/// @param maxTransfer bytes of the largest command, a power of two from 4096 to 2 MiB, or fewer if
///   the controller has a lower limit; 128 KiB by default
/// @param doorbells how doorbells are rung
/// @param dataPointers how commands name their memory
/// @param spdkRequests whether region information is asked for, all of it, by messages of 4080
///   bytes, and memory is withdrawn by a message with a descriptor, as SPDK does
public record NvmeOptions(
        ClientOptions client,
        Duration timeout,
        long memorySize,
        long iova,
        int queueEntries,
        int maxTransfer,
        DoorbellPath doorbells,
        DataPointerKind dataPointers,
        boolean spdkRequests) {
    private static final int MAX_ENTRIES = 1 << 16;
    private static final int MAX_TRANSFER = 2 << 20;
    private static final NvmeOptions DEFAULTS =
            new NvmeOptions(
                    ClientOptions.defaults(),
                    Duration.ofSeconds(5),
                    64 << 20,
                    0x2000_0000_0000L,
                    256,
                    128 << 10,
                    DoorbellPath.ANY,
                    DataPointerKind.ANY,
                    false);

    /// Checks the fields.
    public NvmeOptions {
        Objects.requireNonNull(client, "client");
        Objects.requireNonNull(doorbells, "doorbells");
        Objects.requireNonNull(dataPointers, "dataPointers");
        if (!timeout.isPositive()) {
            throw new IllegalArgumentException("timeout: " + timeout + " (expected: above zero)");
        }
        checkPages("memorySize", memorySize, DmaPool.PAGE);
        checkPages("iova", iova, 0);
        if (queueEntries < 2 || queueEntries > MAX_ENTRIES) {
            throw new IllegalArgumentException(
                    "queueEntries: " + queueEntries + " (expected: 2 to " + MAX_ENTRIES + ")");
        }
        if (maxTransfer < DmaPool.PAGE
                || maxTransfer > MAX_TRANSFER
                || Integer.bitCount(maxTransfer) != 1) {
            throw new IllegalArgumentException(
                    "maxTransfer: "
                            + maxTransfer
                            + " (expected: a power of two, 4096 to "
                            + MAX_TRANSFER
                            + ")");
        }
    }

    /// The defaults that the parameters name.
    public static NvmeOptions defaults() {
        return DEFAULTS;
    }

    /// An initiator that sends what SPDK's sends: no text in VERSION, always id 0, long requests
    /// for region information, a descriptor to withdraw memory, doorbells only through the mapping.
    public static NvmeOptions likeSpdk() {
        return new NvmeOptions(
                ClientOptions.likeSpdk(),
                DEFAULTS.timeout,
                DEFAULTS.memorySize,
                0x2000_0033_1000L, // a page, but no larger unit, as was seen of SPDK
                DEFAULTS.queueEntries,
                DEFAULTS.maxTransfer,
                DoorbellPath.MAPPED,
                DataPointerKind.ANY,
                true);
    }

    /// The same with another [#client()].
    public NvmeOptions withClient(ClientOptions client) {
        return with(draft -> draft.client = client);
    }

    /// The same with another [#timeout()].
    public NvmeOptions withTimeout(Duration timeout) {
        return with(draft -> draft.timeout = timeout);
    }

    /// The same with another [#memorySize()].
    public NvmeOptions withMemorySize(long memorySize) {
        return with(draft -> draft.memorySize = memorySize);
    }

    /// The same with other [#queueEntries()].
    public NvmeOptions withQueueEntries(int queueEntries) {
        return with(draft -> draft.queueEntries = queueEntries);
    }

    /// The same with another [#maxTransfer()].
    public NvmeOptions withMaxTransfer(int maxTransfer) {
        return with(draft -> draft.maxTransfer = maxTransfer);
    }

    /// The same with other [#doorbells()].
    public NvmeOptions withDoorbells(DoorbellPath doorbells) {
        return with(draft -> draft.doorbells = doorbells);
    }

    /// The same with other [#dataPointers()].
    public NvmeOptions withDataPointers(DataPointerKind dataPointers) {
        return with(draft -> draft.dataPointers = dataPointers);
    }

    private NvmeOptions with(Consumer<Draft> change) {
        var draft = new Draft(this);
        change.accept(draft);
        return draft.options();
    }

    private static void checkPages(String name, long value, long least) {
        if (value < least || value % DmaPool.PAGE != 0) {
            throw new IllegalArgumentException(
                    "%s: 0x%x (expected: at least 0x%x, a multiple of 0x%x)"
                            .formatted(name, value, least, DmaPool.PAGE));
        }
    }

    /// The fields that can be changed, and the options that they come from.
    private static final class Draft {
        private final NvmeOptions from;
        private ClientOptions client;
        private Duration timeout;
        private long memorySize;
        private int queueEntries;
        private int maxTransfer;
        private DoorbellPath doorbells;
        private DataPointerKind dataPointers;

        Draft(NvmeOptions from) {
            this.from = from;
            this.client = from.client;
            this.timeout = from.timeout;
            this.memorySize = from.memorySize;
            this.queueEntries = from.queueEntries;
            this.maxTransfer = from.maxTransfer;
            this.doorbells = from.doorbells;
            this.dataPointers = from.dataPointers;
        }

        NvmeOptions options() {
            return new NvmeOptions(
                    client,
                    timeout,
                    memorySize,
                    from.iova,
                    queueEntries,
                    maxTransfer,
                    doorbells,
                    dataPointers,
                    from.spdkRequests);
        }
    }
}
