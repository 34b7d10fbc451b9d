package io.vfiouser.server.dma;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The table against a list of ranges in arithmetic without limits.
class DmaTableModelTest {
    private static final BigInteger TOP = BigInteger.ONE.shiftLeft(64);

    /// A region as the model knows it.
    private record Range(BigInteger start, BigInteger size, int flags) {
        static Range of(long start, long size, int flags) {
            return new Range(unsigned(start), unsigned(size), flags);
        }

        BigInteger end() {
            return start.add(size);
        }

        boolean overlaps(Range other) {
            return start.compareTo(other.end()) < 0 && other.start.compareTo(end()) < 0;
        }

        boolean contains(BigInteger address) {
            return start.compareTo(address) <= 0 && address.compareTo(end()) < 0;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15, 16})
    void agreesWithTheModel(long seed) {
        var random = new Random(seed);
        var model = new ArrayList<Range>();
        try (var table = Maps.table()) {
            var view = new GuestMemoryView(table, FakePeer.answeringAtOnce());
            for (int step = 0; step < 6_000; step++) {
                String what = "seed %d, step %d".formatted(seed, step);
                long start = address(random);
                long size = size(random, start);
                switch (random.nextInt(4)) {
                    case 0, 1 -> map(what, table, model, start, size, random.nextInt(4));
                    case 2 -> unmap(what, table, model, random, start, size);
                    default -> lookUp(what, table, view, model, start, size);
                }
                assertThat(table.size()).as(what).isEqualTo(model.size());
            }
            assertThat(table.regions())
                    .extracting(region -> Range.of(region.iova(), region.length(), flags(region)))
                    .containsExactlyElementsOf(model);
        }
    }

    private static void map(
            String what, DmaTable table, List<Range> model, long start, long size, int flags) {
        Range wanted = Range.of(start, size, flags);
        Optional<Errno> expected = Optional.empty();
        if (size == 0 || wanted.end().compareTo(TOP) > 0) {
            expected = Optional.of(Errno.EINVAL);
        } else if (!model.contains(wanted) && model.stream().anyMatch(wanted::overlaps)) {
            expected = Optional.of(Errno.EEXIST);
        }
        var request = new DmaMap(new DmaFlags(flags), 0, start, size);
        assertThat(errnoOf(() -> table.map(request, FdBundle.empty())))
                .as("%s: map %s", what, wanted)
                .isEqualTo(expected);
        if (expected.isEmpty() && !model.contains(wanted)) {
            model.add(wanted);
        }
    }

    private static void unmap(
            String what, DmaTable table, List<Range> model, Random random, long start, long size) {
        if (!model.isEmpty() && random.nextBoolean()) {
            Range victim = model.remove(random.nextInt(model.size()));
            table.beginUnmap(victim.start.longValue(), victim.size.longValue()).finish();
            return;
        }
        Range wanted = Range.of(start, size, 0);
        boolean known =
                model.removeIf(range ->
                        range.start.equals(wanted.start) && range.size.equals(wanted.size));
        assertThat(errnoOf(() -> table.beginUnmap(start, size).finish()))
                .as("%s: unmap %s", what, wanted)
                .isEqualTo(known ? Optional.empty() : Optional.of(Errno.ENOENT));
    }

    private static void lookUp(
            String what,
            DmaTable table,
            GuestMemoryView view,
            List<Range> model,
            long start,
            long size) {
        assertThat(table.region(start).map(DmaRegion::iova).map(DmaTableModelTest::unsigned))
                .as("%s: look up 0x%x", what, start)
                .isEqualTo(at(model, unsigned(start)).map(Range::start));
        Optional<Errno> expected = Optional.empty();
        BigInteger end = unsigned(start).add(unsigned(size));
        for (BigInteger at = unsigned(start); at.compareTo(end) < 0 && expected.isEmpty(); ) {
            Optional<Range> range = at(model, at);
            if (range.isEmpty() || end.compareTo(TOP) > 0) {
                expected = Optional.of(Errno.ENOENT);
            } else if ((range.get().flags() & DmaFlags.WRITE) == 0) {
                expected = Optional.of(Errno.EACCES);
            } else {
                at = range.get().end();
            }
        }
        assertThat(errnoOf(() -> RangeChecks.checkAccess(table, start, size, AccessMode.WRITE)))
                .as("%s: write 0x%x+0x%x", what, start, size)
                .isEqualTo(expected);
        assertThat(view.isDirect(start, size, AccessMode.READ)).as(what).isFalse();
    }

    private static Optional<Range> at(List<Range> model, BigInteger address) {
        return model.stream().filter(range -> range.contains(address)).findAny();
    }

    private static Optional<Errno> errnoOf(Runnable call) {
        try {
            call.run();
            return Optional.empty();
        } catch (RequestRejectedException e) {
            return Optional.of(e.errno());
        } catch (DeviceException e) {
            return Optional.of(e.errno());
        }
    }

    /// Addresses meet at the corners: around 0, 2^63 and 2^64.
    private static long address(Random random) {
        long base =
                switch (random.nextInt(4)) {
                    case 0 -> 0;
                    case 1 -> Long.MIN_VALUE - 0x8000;
                    case 2 -> -0x8000L;
                    default -> 0x1_0000_0000L;
                };
        return base + random.nextInt(16) * 0x1000L + (random.nextInt(8) == 0 ? 0x7ff : 0);
    }

    private static long size(Random random, long start) {
        return switch (random.nextInt(12)) {
            case 0 -> 0;
            case 1 -> -start;
            case 2 -> -start + 1;
            case 3 -> random.nextLong();
            default -> (1 + random.nextInt(3)) * 0x1000L;
        };
    }

    private static int flags(DmaRegion region) {
        return (region.isReadable() ? DmaFlags.READ : 0)
                | (region.isWritable() ? DmaFlags.WRITE : 0);
    }

    private static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }
}
