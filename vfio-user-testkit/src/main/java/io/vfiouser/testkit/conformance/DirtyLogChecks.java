package io.vfiouser.testkit.conformance;

import io.vfiouser.os.Errno;
import io.vfiouser.os.SharedMemory;
import java.util.List;

/// The dirty page log, for servers that have one.
final class DirtyLogChecks {
    private static final int START = Migration.SET | 6;
    private static final int STOP = Migration.SET | 7;
    private static final int REPORT = Migration.GET | 8;
    private static final int FIXED = 32;
    private static final long BASE = 0x1_0000_0000L;
    private static final long PAGE = 0x1000;
    private static final long SIZE = 100 * PAGE;
    private static final String REFUSED = "refused with EINVAL";

    private DirtyLogChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("dirty page log", "VFIO_USER_DEVICE_FEATURE");
        addRefusals(group);
        addReports(group);
        return group.checks();
    }

    private static void addRefusals(CheckGroup group) {
        group.check(
                "a report while the log is off",
                REFUSED,
                peer -> {
                    map(peer);
                    peer.refuses(report(BASE, SIZE, PAGE), Errno.EINVAL);
                });
        group.check(
                "a start with page size 0",
                REFUSED,
                peer -> {
                    map(peer);
                    peer.refuses(start(0), Errno.EINVAL);
                });
        group.check(
                        "a start with a page size that is no power of two",
                        REFUSED,
                        peer -> {
                            map(peer);
                            peer.refuses(start(0x1800), Errno.EINVAL);
                        })
                .reference(
                        "starts",
                        peer -> {
                            map(peer);
                            peer.succeeds(start(0x1800));
                        });
        group.check(
                        "a start with more ranges than the payload has",
                        REFUSED,
                        peer -> {
                            map(peer);
                            peer.refuses(start(PAGE).set32(16, 1), Errno.EINVAL);
                        })
                .reference(
                        "ignores the ranges",
                        peer -> {
                            map(peer);
                            peer.succeeds(start(PAGE).set32(16, 1));
                        });
        group.check(
                "another start with another page size",
                REFUSED,
                peer -> {
                    startLog(peer);
                    peer.refuses(start(16 * PAGE), Errno.EINVAL);
                });
        group.check(
                "a report with argsz too small",
                REFUSED,
                peer -> {
                    startLog(peer);
                    peer.refuses(report(BASE, SIZE, PAGE).set32(0, FIXED + 15), Errno.EINVAL);
                });
        group.check(
                "a report with a page size that is 0 or no power of two",
                REFUSED,
                peer -> {
                    startLog(peer);
                    peer.refuses(report(BASE, SIZE, 0), Errno.EINVAL);
                    peer.refuses(report(BASE, SIZE, 0x1800), Errno.EINVAL);
                });
        group.check(
                "a report for addresses in no region",
                "refused with ENOENT",
                peer -> {
                    startLog(peer);
                    peer.refuses(report(8 * BASE, SIZE, PAGE), Errno.ENOENT);
                });
    }

    private static void addReports(CheckGroup group) {
        group.check(
                "start, start again, stop, stop again",
                "done",
                peer -> {
                    startLog(peer);
                    peer.succeeds(start(PAGE));
                    peer.succeeds(logging(STOP, PAGE));
                    peer.succeeds(logging(STOP, PAGE));
                });
        group.check(
                "a report of clean memory",
                "iova, length, page size, and zeros in whole 8 bytes",
                peer -> {
                    startLog(peer);
                    clean(peer.succeeds(report(BASE, SIZE, PAGE)), BASE, SIZE, PAGE);
                    clean(peer.succeeds(report(BASE, SIZE, 2 * PAGE)), BASE, SIZE, 2 * PAGE);
                });
        group.check(
                        "a report that starts inside a region",
                        "done: QEMU asks so",
                        peer -> {
                            startLog(peer);
                            long iova = BASE + 10 * PAGE;
                            clean(peer.succeeds(report(iova, PAGE, PAGE)), iova, PAGE, PAGE);
                        })
                .reference(
                        "ENOTSUP",
                        peer -> {
                            startLog(peer);
                            peer.refuses(report(BASE + 10 * PAGE, PAGE, PAGE), Errno.ENOTSUP);
                        });
        group.check(
                        "a report over two regions side by side",
                        "done: QEMU asks so",
                        peer -> {
                            startLog(peer);
                            SharedMemory more = peer.sharedMemory(SIZE);
                            peer.succeeds(
                                    Commands.dmaMap(3, 0, BASE + SIZE, SIZE),
                                    Peer.descriptorOf(more));
                            Answer reply = peer.succeeds(report(BASE, 2 * SIZE, PAGE));
                            clean(reply, BASE, 2 * SIZE, PAGE);
                        })
                .reference(
                        "a good reply without payload",
                        peer -> {
                            startLog(peer);
                            SharedMemory more = peer.sharedMemory(SIZE);
                            peer.succeeds(
                                    Commands.dmaMap(3, 0, BASE + SIZE, SIZE),
                                    Peer.descriptorOf(more));
                            peer.succeeds(report(BASE, 2 * SIZE, PAGE)).checkLength(0);
                        });
        group.check(
                "DMA_UNMAP with the bitmap of clean memory",
                "the request, the bitmap's header and zeros",
                peer -> {
                    startLog(peer);
                    RawCommand unmap = Commands.dmaUnmap(1, BASE, SIZE).u64(PAGE).u64(16);
                    Answer reply = peer.succeeds(unmap.set32(0, 56));
                    reply.checkLength(56);
                    Difference.checkHex("address", BASE, reply.u64(8));
                    Difference.check("bitmap size", 16L, reply.u64(32));
                    zeros(reply, 40);
                });
    }

    private static void startLog(Peer peer) {
        map(peer);
        peer.succeeds(start(PAGE));
    }

    /// Maps memory, if the server has a log at all.
    private static void map(Peer peer) {
        Answer probe = peer.call(Commands.feature(Migration.PROBE | START, 8));
        NotApplicableException.unless(!probe.isError(), "the server has no dirty page log");
        peer.succeeds(
                Commands.dmaMap(3, 0, BASE, SIZE), Peer.descriptorOf(peer.sharedMemory(SIZE)));
    }

    private static RawCommand start(long pageSize) {
        return logging(START, pageSize);
    }

    private static RawCommand logging(int flags, long pageSize) {
        return Commands.feature(flags, 24).u64(pageSize).u32(0).u32(0);
    }

    private static RawCommand report(long iova, long length, long pageSize) {
        return Commands.feature(REPORT, 4096).u64(iova).u64(length).u64(pageSize);
    }

    private static void clean(Answer reply, long iova, long length, long pageSize) {
        long pages = (length + pageSize - 1) / pageSize;
        int bitmap = (int) ((pages + 63) / 64 * 8);
        reply.checkLength(FIXED + bitmap);
        Difference.checkHex("iova", iova, reply.u64(8));
        Difference.checkHex("length", length, reply.u64(16));
        Difference.checkHex("page size", pageSize, reply.u64(24));
        zeros(reply, FIXED);
    }

    private static void zeros(Answer reply, int from) {
        for (byte each : reply.bytesFrom(from)) {
            Difference.check("bits", (byte) 0, each);
        }
    }
}
