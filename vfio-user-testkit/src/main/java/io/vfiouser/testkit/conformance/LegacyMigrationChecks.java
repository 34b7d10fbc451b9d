package io.vfiouser.testkit.conformance;

import static io.vfiouser.protocol.LegacyFormat.DATA_OFFSET_AT;
import static io.vfiouser.protocol.LegacyFormat.DATA_SIZE_AT;
import static io.vfiouser.protocol.LegacyFormat.DEVICE_STATE_AT;
import static io.vfiouser.protocol.LegacyFormat.MIGRATION_REGION;
import static io.vfiouser.protocol.LegacyFormat.PENDING_BYTES_AT;

import io.vfiouser.os.Errno;
import io.vfiouser.protocol.LegacyFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Migration version 1 and the dirty page log of the legacy dialect.
final class LegacyMigrationChecks {
    private static final long PAGE = 4096;
    private static final int START = LegacyFormat.DIRTY_PAGES_START;
    private static final int STOP = LegacyFormat.DIRTY_PAGES_STOP;
    private static final int GET = LegacyFormat.DIRTY_PAGES_GET_BITMAP;
    private static final int MAX_PIECES = 10_000;

    private LegacyMigrationChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("legacy migration", "VFIO Device Migration Info, 0.1");
        registers(group);
        streams(group);
        dirtyPages(group);
        return group.checks();
    }

    private static void registers(CheckGroup group) {
        for (int state : new int[] {5, 6, 7, 8, 0x8000_0001}) {
            migrating(
                    group,
                    "device_state 0x%x".formatted(state),
                    "refused with EINVAL",
                    peer -> peer.refuses(LegacyMessages.writeState(state), Errno.EINVAL));
        }
        migrating(
                group,
                "half a register",
                "refused with EINVAL",
                peer -> peer.refuses(LegacyMessages.readRegister(8, 4), Errno.EINVAL));
        migrating(
                group,
                "two registers at once",
                "refused with EINVAL",
                peer -> peer.refuses(LegacyMessages.readRegister(8, 16), Errno.EINVAL));
        migrating(
                group,
                "what lies between registers and data",
                "refused with EINVAL",
                peer -> peer.refuses(LegacyMessages.readRegister(0x20, 8), Errno.EINVAL));
        migrating(
                group,
                "a write to pending_bytes",
                "refused with EINVAL",
                peer ->
                        peer.refuses(
                                LegacyMessages.write(
                                        MIGRATION_REGION, PENDING_BYTES_AT, new byte[8]),
                                Errno.EINVAL));
        migrating(
                group,
                "data_offset while running",
                "refused with EINVAL",
                peer -> peer.refuses(LegacyMessages.readRegister(DATA_OFFSET_AT, 8), Errno.EINVAL));
        migrating(
                group,
                "data_offset before pending_bytes",
                "refused with EINVAL",
                peer -> {
                    peer.succeeds(LegacyMessages.writeState(2));
                    peer.refuses(LegacyMessages.readRegister(DATA_OFFSET_AT, 8), Errno.EINVAL);
                });
        migrating(
                group,
                "resuming from stop-and-copy",
                "refused with EINVAL",
                peer -> {
                    peer.succeeds(LegacyMessages.writeState(2));
                    peer.refuses(LegacyMessages.writeState(4), Errno.EINVAL);
                });
        migrating(
                group,
                "the migration region",
                "has the type of one",
                peer -> {
                    int need =
                            (int)
                                    peer.succeeds(LegacyMessages.regionInfo(MIGRATION_REGION, 32))
                                            .u32(0);
                    Answer info = peer.succeeds(LegacyMessages.regionInfo(MIGRATION_REGION, need));
                    int at = (int) info.u32(12);
                    Difference.check("capability", 2, info.u16(at));
                    Difference.check("type", 3L, info.u32(at + 8));
                    Difference.check("subtype", 1L, info.u32(at + 12));
                });
    }

    private static void streams(CheckGroup group) {
        migrating(
                group,
                "a new client",
                "finds the device running",
                peer -> Difference.check("device_state", 1L, state(peer)));
        migrating(
                group,
                "pending_bytes read twice",
                "says the same",
                peer -> {
                    peer.succeeds(LegacyMessages.writeState(2));
                    Difference.check("pending_bytes", pending(peer), pending(peer));
                });
        migrating(
                group,
                "pre-copy, stop-and-copy, stopped",
                "gives pieces until pending_bytes is 0",
                peer -> {
                    peer.succeeds(LegacyMessages.writeState(3));
                    Difference.check("device_state", 3L, state(peer));
                    var _ = pending(peer);
                    peer.succeeds(LegacyMessages.writeState(2));
                    Difference.check(!save(peer).isEmpty(), "data", "none");
                    peer.succeeds(LegacyMessages.writeState(0));
                    Difference.check("device_state", 0L, state(peer));
                });
        migrating(
                group,
                "state that was saved",
                "can be loaded",
                peer -> {
                    peer.succeeds(LegacyMessages.writeState(2));
                    List<byte[]> pieces = save(peer);
                    Peer destination = peer.nextClient();
                    destination.succeeds(LegacyMessages.writeState(4));
                    pieces.forEach(piece -> load(destination, piece));
                    destination.succeeds(LegacyMessages.writeState(1));
                    Difference.check("device_state", 1L, state(destination));
                });
        migrating(
                group,
                "more data than the area has",
                "refused with EINVAL",
                peer -> {
                    peer.succeeds(LegacyMessages.writeState(4));
                    peer.refuses(
                            LegacyMessages.write(
                                    MIGRATION_REGION, DATA_SIZE_AT, number(Long.MAX_VALUE)),
                            Errno.EINVAL);
                });
    }

    private static void dirtyPages(CheckGroup group) {
        migrating(
                group,
                "a bitmap while the log is off",
                "refused with EINVAL",
                peer -> {
                    LegacyChecks.mapTwo(peer);
                    peer.refuses(bitmap(0, PAGE, PAGE, 1), Errno.EINVAL);
                });
        migrating(
                group,
                "two ranges",
                "answered with a byte each",
                peer -> {
                    LegacyChecks.mapTwo(peer);
                    peer.succeeds(LegacyMessages.dirtyPages(START, 0));
                    RawCommand get = LegacyMessages.dirtyPages(GET, 2);
                    LegacyMessages.range(get, 0, PAGE, PAGE, 1);
                    LegacyMessages.range(get, PAGE, PAGE, PAGE, 1);
                    peer.succeeds(get).checkLength(2);
                    peer.succeeds(LegacyMessages.dirtyPages(STOP, 0));
                });
        logging(group, "another page size", bitmap(0, PAGE, 2 * PAGE, 1), Errno.EINVAL);
        logging(group, "a bitmap too long", bitmap(0, PAGE, PAGE, 2), Errno.EINVAL);
        logging(group, "memory that is not mapped", bitmap(8 * PAGE, PAGE, PAGE, 1), Errno.ENOTSUP);
        logging(group, "a bitmap of no range", LegacyMessages.dirtyPages(GET, 0), Errno.EINVAL);
    }

    private static void logging(CheckGroup group, String name, RawCommand get, Errno errno) {
        migrating(
                group,
                name + " in the log",
                "refused with " + errno,
                peer -> {
                    LegacyChecks.mapTwo(peer);
                    peer.succeeds(LegacyMessages.dirtyPages(START, 0));
                    peer.refuses(get, errno);
                });
    }

    private static void migrating(
            CheckGroup group, String name, String specification, Consumer<Peer> body) {
        group.check(
                name,
                specification,
                peer -> {
                    NotApplicableException.unless(
                            LegacyChecks.migrates(peer), "a device that can migrate");
                    body.accept(peer);
                });
    }

    private static RawCommand bitmap(long iova, long size, long pageSize, long bytes) {
        return LegacyMessages.range(LegacyMessages.dirtyPages(GET, 1), iova, size, pageSize, bytes);
    }

    private static long state(Peer peer) {
        return peer.succeeds(LegacyMessages.readRegister(DEVICE_STATE_AT, 4)).u32(16);
    }

    private static long pending(Peer peer) {
        return peer.succeeds(LegacyMessages.readRegister(PENDING_BYTES_AT, 8)).u64(16);
    }

    private static List<byte[]> save(Peer peer) {
        var pieces = new ArrayList<byte[]>();
        while (pending(peer) != 0) {
            Difference.check(pieces.size() < MAX_PIECES, "an end", MAX_PIECES + " pieces");
            long offset = peer.succeeds(LegacyMessages.readRegister(DATA_OFFSET_AT, 8)).u64(16);
            int size = (int) peer.succeeds(LegacyMessages.readRegister(DATA_SIZE_AT, 8)).u64(16);
            pieces.add(
                    peer.succeeds(LegacyMessages.read(MIGRATION_REGION, offset, size))
                            .bytesFrom(16));
        }
        return pieces;
    }

    private static void load(Peer peer, byte[] piece) {
        long offset = peer.succeeds(LegacyMessages.readRegister(DATA_OFFSET_AT, 8)).u64(16);
        Difference.check(offset >= PAGE, "data behind the registers", "data_offset " + offset);
        peer.succeeds(LegacyMessages.write(MIGRATION_REGION, offset, piece));
        peer.succeeds(LegacyMessages.write(MIGRATION_REGION, DATA_SIZE_AT, number(piece.length)));
    }

    private static byte[] number(long value) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }
}
