package io.vfiouser.testkit.conformance;

import io.vfiouser.os.Errno;
import io.vfiouser.protocol.RegionFlags;
import io.vfiouser.protocol.WireFormat;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// REGION_READ and REGION_WRITE.
final class RegionAccessChecks {
    private static final String REFUSED = "refused with EINVAL";
    private static final int FIXED = WireFormat.REGION_ACCESS_SIZE;
    private static final byte[] FOUR = {1, 2, 3, 4};
    private static final int TESTDEV_TRAPPED = 0;
    private static final int TESTDEV_SHARED = 1;

    private RegionAccessChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("REGION_READ, REGION_WRITE", "VFIO_USER_REGION_READ");
        addRefusals(group);
        addReplies(group);
        addData(group);
        return group.checks();
    }

    private static void addRefusals(CheckGroup group) {
        for (long index : new long[] {Bits.PCI_REGIONS, 0x7fff_ffff, 0xdead_beefL, 0xffff_ffffL}) {
            group.check(
                    "region 0x%x".formatted(index),
                    REFUSED,
                    peer -> refuseBoth(peer, (int) index, 0));
        }
        group.check(
                "an access behind the end",
                REFUSED,
                peer -> {
                    long size = peer.target().region(Bits.CONFIG).size();
                    refuseBoth(peer, Bits.CONFIG, size);
                    refuseBoth(peer, Bits.CONFIG, size - 3);
                    refuseBoth(peer, Bits.CONFIG, 1L << 32);
                });
        group.check(
                "an offset that wraps around 2^64",
                REFUSED,
                peer -> {
                    refuseBoth(peer, Bits.CONFIG, -4);
                    refuseBoth(peer, Bits.CONFIG, -1);
                    refuseBoth(peer, Bits.CONFIG, Long.MIN_VALUE);
                });
        group.check(
                "a region that the device does not have",
                REFUSED,
                peer -> {
                    var unused = peer.target().unusedRegion();
                    NotApplicableException.unless(unused.isPresent(), "the device has all regions");
                    refuseBoth(peer, unused.getAsInt(), 0);
                });
        group.check(
                "a count above max_data_xfer_size",
                REFUSED,
                peer -> {
                    int limit = peer.serverCapabilities().maxDataXferSize();
                    for (int region = 0; region <= Bits.CONFIG; region++) {
                        peer.refuses(Commands.regionRead(region, 0, limit + 1), Errno.EINVAL);
                        peer.refuses(Commands.regionRead(region, 0, -1), Errno.EINVAL);
                    }
                });
        group.check(
                "a write whose data differ from count",
                REFUSED,
                peer -> {
                    for (int count : new int[] {0, 3, 5, -1}) {
                        RawCommand write =
                                Commands.regionWrite(Bits.CONFIG, Bits.INTERRUPT_LINE, FOUR);
                        peer.refuses(write.set32(12, count), Errno.EINVAL);
                    }
                });
        group.check(
                "a region without the READ or WRITE flag",
                "that access refused with EINVAL",
                RegionAccessChecks::flags);
    }

    private static void addReplies(CheckGroup group) {
        group.check(
                "the reply to a read",
                "offset, region and count of the request, then the data",
                peer -> {
                    Answer reply = peer.succeeds(Commands.regionRead(Bits.CONFIG, 2, 6));
                    reply.checkLength(FIXED + 6);
                    checkEcho(reply, 2, Bits.CONFIG, 6);
                });
        group.check(
                "the reply to a write",
                "offset, region and count of the request, no data",
                peer -> {
                    Answer reply =
                            peer.succeeds(
                                    Commands.regionWrite(
                                            Bits.CONFIG, Bits.INTERRUPT_LINE, (byte) 9));
                    reply.checkLength(FIXED);
                    checkEcho(reply, Bits.INTERRUPT_LINE, Bits.CONFIG, 1);
                });
        group.check(
                "count 0",
                "done, nothing is moved",
                peer -> {
                    checkNothing(peer.succeeds(Commands.regionRead(Bits.CONFIG, 0, 0)));
                    checkNothing(peer.succeeds(Commands.regionWrite(Bits.CONFIG, 0)));
                    long size = peer.target().region(Bits.CONFIG).size();
                    checkNothing(peer.succeeds(Commands.regionRead(Bits.CONFIG, size, 0)));
                });
    }

    private static void addData(CheckGroup group) {
        group.check(
                "config space, whole and in parts of every size",
                "the same bytes",
                RegionAccessChecks::configParts);
        group.check(
                "a byte written to config space",
                "is read back",
                peer -> {
                    for (int value : new int[] {0x00, 0x5a, 0xff, 0x0b}) {
                        peer.succeeds(
                                Commands.regionWrite(
                                        Bits.CONFIG, Bits.INTERRUPT_LINE, (byte) value));
                        Answer read =
                                peer.succeeds(
                                        Commands.regionRead(Bits.CONFIG, Bits.INTERRUPT_LINE, 1));
                        Difference.checkHex("interrupt line", value, read.u8(FIXED));
                    }
                });
        group.check(
                "accesses of every size up to 80 bytes (testdev)",
                "move just these bytes",
                RegionAccessChecks::everySize);
        group.check(
                "an access of max_data_xfer_size (testdev)",
                "moves all bytes",
                RegionAccessChecks::largest);
    }

    private static void refuseBoth(Peer peer, int region, long offset) {
        peer.refuses(Commands.regionRead(region, offset, FOUR.length), Errno.EINVAL);
        peer.refuses(Commands.regionWrite(region, offset, FOUR), Errno.EINVAL);
    }

    private static void flags(Peer peer) {
        boolean found = false;
        for (int i = 0; i < peer.target().regions().size(); i++) {
            Target.RegionFacts region = peer.target().region(i);
            if (region.size() >= FOUR.length && !region.flags().readable()) {
                found = true;
                peer.refuses(Commands.regionRead(i, 0, FOUR.length), Errno.EINVAL);
            }
            if (region.size() >= FOUR.length && !region.flags().writable()) {
                found = true;
                peer.refuses(Commands.regionWrite(i, 0, FOUR), Errno.EINVAL);
            }
        }
        NotApplicableException.unless(
                found, "all regions have the flags 0x%x".formatted(RegionFlags.READ_WRITE.bits()));
    }

    private static void configParts(Peer peer) {
        int size = (int) peer.target().region(Bits.CONFIG).size();
        byte[] whole = data(peer, Bits.CONFIG, 0, size);
        for (int width : new int[] {1, 2, 3, 4, 8, 16, 64}) {
            for (int offset = 0; offset + width <= 64; offset += width) {
                byte[] part = data(peer, Bits.CONFIG, offset, width);
                checkSame(Arrays.copyOfRange(whole, offset, offset + width), part, offset);
            }
        }
    }

    private static void everySize(Peer peer) {
        NotApplicableException.unless(peer.target().isTestdev(), "needs the device testdev");
        byte[] zeros = new byte[96];
        for (int size = 1; size <= 80; size++) {
            peer.succeeds(Commands.regionWrite(TESTDEV_TRAPPED, 0, zeros));
            byte[] written = randomBytes(size);
            peer.succeeds(Commands.regionWrite(TESTDEV_TRAPPED, 7, written));
            byte[] expected = zeros.clone();
            System.arraycopy(written, 0, expected, 7, size);
            checkSame(expected, data(peer, TESTDEV_TRAPPED, 0, expected.length), 0);
        }
    }

    private static void largest(Peer peer) {
        NotApplicableException.unless(peer.target().isTestdev(), "needs the device testdev");
        long size = peer.target().region(TESTDEV_SHARED).size();
        int count = (int) Math.min(size, peer.serverCapabilities().maxDataXferSize());
        byte[] written = randomBytes(count);
        peer.succeeds(Commands.regionWrite(TESTDEV_SHARED, 0, written));
        checkSame(written, data(peer, TESTDEV_SHARED, 0, count), 0);
    }

    private static byte[] data(Peer peer, int region, long offset, int count) {
        Answer reply = peer.succeeds(Commands.regionRead(region, offset, count));
        reply.checkLength(FIXED + count);
        return reply.bytesFrom(FIXED);
    }

    private static byte[] randomBytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private static void checkSame(byte[] expected, byte[] seen, int offset) {
        int at = Arrays.mismatch(expected, seen);
        Difference.check(
                at < 0, "the bytes written", "another byte at 0x%x".formatted(offset + at));
    }

    private static void checkEcho(Answer reply, long offset, int region, int count) {
        Difference.checkHex("offset", offset, reply.u64(0));
        Difference.check("region", (long) region, reply.u32(8));
        Difference.check("count", (long) count, reply.u32(12));
    }

    /// The C library leaves out the payload here.
    private static void checkNothing(Answer reply) {
        if (reply.payloadLength() > 0) {
            reply.checkLength(FIXED);
            Difference.check("count", 0L, reply.u32(12));
        }
    }
}
