package io.vfiouser.server.options;

import java.util.Locale;

/// One limit on what clients may use of the server; a line here is all that a new one takes.
///
/// Its name in errors, on the command line and in `docs/limits.md` is [#toString()].
public enum Limit {
    /// Bytes of data in one region or DMA access, announced as `max_data_xfer_size`; a message may
    /// be 32 bytes longer.
    MAX_TRANSFER_SIZE(Unit.BYTES, 1 << 20, 4096, 64 << 20),
    /// What we announce as `max_msg_fds`; QEMU refuses more than 16.
    ANNOUNCED_DESCRIPTORS(Unit.COUNT, 8, 1, 16),
    /// Descriptors accepted with one message, whatever was announced (Cloud Hypervisor sends 16 to
    /// everybody); 253 is the kernel's own limit.
    MAX_DESCRIPTORS_PER_MESSAGE(Unit.COUNT, 253, 1, 253),
    /// DMA regions of one client.
    MAX_DMA_REGIONS(Unit.COUNT, 1 << 16, 1, 1 << 24),
    /// Bytes of client memory mapped for one client.
    MAX_MAPPED_BYTES(Unit.BYTES, 1L << 44, 1, Long.MAX_VALUE),
    /// Commands of one client that wait behind a slow one before we stop reading from it.
    MAX_QUEUED_COMMANDS(Unit.COUNT, 1024, 1, 1 << 20),
    /// Bytes of such commands.
    MAX_QUEUED_BYTES(Unit.BYTES, 8 << 20, 1 << 16, 1 << 30),
    /// Descriptors that came with such commands.
    MAX_QUEUED_DESCRIPTORS(Unit.COUNT, 256, 1, 1 << 16),
    /// Descriptors kept for one client: eventfds of its interrupts, files behind its DMA regions.
    MAX_DESCRIPTORS(Unit.COUNT, 1 << 14, 1, 1 << 24),
    /// Interrupts by eventfd of one device in a second; of more, those of one vector become one,
    /// which comes late.
    MAX_INTERRUPTS_PER_SECOND(Unit.COUNT, 1_000_000, 1, 1 << 30),
    /// Lines in a second that the server logs about one device and its clients, and the device by
    /// [io.vfiouser.device.DeviceContext#log]; the others are counted. Lines at debug level do not
    /// count.
    MAX_LOG_LINES_PER_SECOND(Unit.COUNT, 20, 1, 1 << 20),
    /// Bytes of requests to one client that wait for it to read its socket; one that leaves more
    /// unread is disconnected.
    MAX_UNREAD_BYTES(Unit.BYTES, 64 << 20, 1 << 16, 1 << 30),
    /// DMA_READ and DMA_WRITE of a device that wait for the client's answer.
    MAX_PEER_CALLS(Unit.COUNT, 4096, 1, 1 << 15),
    /// Bytes of the largest bitmap of dirty pages given in one reply, if the client does not want
    /// less; the protocol's own limit is 256 MiB.
    MAX_BITMAP_SIZE(Unit.BYTES, 256 << 20, 8, 1 << 30),
    /// Bytes of JSON in VERSION.
    MAX_CAPABILITIES_JSON(Unit.BYTES, 4096, 256, 1 << 20),
    /// How deep objects and arrays may be nested in it.
    MAX_CAPABILITIES_DEPTH(Unit.COUNT, 16, 2, 256),
    /// How long a client may take from connecting to a whole VERSION message.
    NEGOTIATION_TIMEOUT(Unit.NANOSECONDS, seconds(10), 1, Long.MAX_VALUE),
    /// How long a client may take to answer DMA_READ or DMA_WRITE.
    PEER_CALL_TIMEOUT(Unit.NANOSECONDS, seconds(10), 1, Long.MAX_VALUE),
    /// How long leases and commands of the device may outlive the client, before its memory is
    /// taken away all the same.
    LEASE_TIMEOUT(Unit.NANOSECONDS, seconds(10), 1, Long.MAX_VALUE),
    /// How long a client may leave a message unfinished without sending a byte more of it.
    MESSAGE_TIMEOUT(Unit.NANOSECONDS, seconds(10), 1, Long.MAX_VALUE),
    /// How long the commands of one client may take of one turn of its loop, if others wait; they
    /// go on in the next turn. A command that has begun is not interrupted.
    TURN_TIME(Unit.NANOSECONDS, 100_000, 1, Long.MAX_VALUE),
    /// How long one callback of a device may hold its loop before the device is named, with its
    /// stack; at the most the loops are not watched. Counts for the server as a whole, as
    /// [ServerOptions#service] has it.
    CALLBACK_TIME(Unit.NANOSECONDS, seconds(1), 1_000_000, Long.MAX_VALUE),
    /// Clients of all devices of the server at once. Counts for the server as a whole, as
    /// [ServerOptions#service] has it.
    MAX_SESSIONS(Unit.COUNT, 1 << 16, 1, 1 << 20),
    /// Mappings of the memory of all clients of the server; three quarters of `vm.max_map_count` if
    /// that is less. Counts for the server as a whole, as [ServerOptions#service] has it.
    MAX_SERVER_MAPS(Unit.COUNT, 1 << 20, 1, 1 << 30);

    /// What a limit counts.
    public enum Unit {
        /// Things.
        COUNT,
        /// Bytes.
        BYTES,
        /// Time, up to 292 years; a [java.time.Duration] in [Limits].
        NANOSECONDS
    }

    private final Unit unit;
    private final long standard;
    private final long least;
    private final long most;
    private final String label;

    Limit(Unit unit, long standard, long least, long most) {
        this.unit = unit;
        this.standard = standard;
        this.least = least;
        this.most = most;
        this.label = camelCase(name());
    }

    /// What it counts.
    public Unit unit() {
        return unit;
    }

    /// The value unless another is set.
    public long standard() {
        return standard;
    }

    /// The smallest value it takes.
    public long least() {
        return least;
    }

    /// The largest value it takes.
    public long most() {
        return most;
    }

    /// Its name for users, such as `maxDmaRegions`.
    @Override
    public String toString() {
        return label;
    }

    private static long seconds(long count) {
        return count * 1_000_000_000;
    }

    private static String camelCase(String constant) {
        var text = new StringBuilder();
        for (String word : constant.split("_", -1)) {
            text.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        text.setCharAt(0, Character.toLowerCase(text.charAt(0)));
        return text.toString();
    }
}
