package io.vfiouser.trace.replay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.vfiouser.trace.replay.RecordedStep.Access;
import io.vfiouser.trace.replay.RecordedStep.Place;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What a recorded device answers next. Accesses are matched by place, not by time.
///
/// The writes of the driver carry the script on: a write is matched with the next one that is
/// recorded for its place, and reads are answered with what was read there up to the next write
/// that is still to come; asked more often than then, the last answer is repeated. So a driver may
/// poll more or less than the recorded one did, and order accesses of different places otherwise. A
/// write that repeats the one before to its place, while others are to come before the next one
/// that is recorded there, is passed over.
final class ReplayScript {
    /// How far ahead a write is looked for among those to its place.
    private static final int MAX_LEFT_OUT = 64;

    private final List<RecordedStep> steps;
    private final Predicate<Access> anyValue;
    private final Map<Place, Line> lines = new HashMap<>();
    private final BitSet came = new BitSet();

    /// Behind the last write that has come.
    private int position;

    /// The first write at or behind the position that has not come, or the number of steps.
    private int frontier;

    /// @param steps what is played, accesses of the config space left out
    /// @param anyValue whether a write may differ from what is recorded
    ReplayScript(List<RecordedStep> steps, Predicate<Access> anyValue) {
        this.steps = steps;
        this.anyValue = anyValue;
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i) instanceof Access access && isWhole(access)) {
                line(access.place()).add(i, access.write());
            }
        }
        moveFrontier();
    }

    /// What became of an access.
    ///
    /// @param step the recorded access that it stands for; empty if the recording has none
    /// @param departure how it differs from the recording, if it does
    record Match(Optional<Access> step, Optional<String> departure) {}

    /// What is recorded for a read that comes now.
    Match read(Place place) {
        Line line = lines.get(place);
        if (line == null || line.reads.isEmpty()) {
            return wider(place)
                    .map(access -> new Match(Optional.of(access), Optional.empty()))
                    .orElseGet(() ->
                            new Match(Optional.empty(), Optional.of("no read of it recorded")));
        }
        int next = line.nextRead;
        while (next < line.reads.size() && line.reads.get(next) < position) {
            next++;
        }
        if (next < line.reads.size() && line.reads.get(next) < frontier) {
            line.nextRead = next + 1;
            return matched(line.reads.get(next));
        }
        line.nextRead = next;
        return matched(line.reads.get(Math.max(0, next - 1)));
    }

    /// Matches a write that comes now, and goes on behind it.
    Match write(Place place, ByteBuf data) {
        Line line = lines.get(place);
        if (line == null || line.writes.isEmpty()) {
            return new Match(Optional.empty(), Optional.of("no write to it recorded"));
        }
        ByteBuf before = line.written;
        line.written = data;
        if (data.equals(before)
                && (line.nextWrite == line.writes.size()
                        || line.writes.get(line.nextWrite) > frontier)) {
            return new Match(Optional.empty(), Optional.empty()); // one more acknowledgement, say
        }
        if (line.nextWrite == line.writes.size()) {
            return new Match(Optional.empty(), Optional.of("no further write to it recorded"));
        }
        int end = Math.min(line.writes.size(), line.nextWrite + MAX_LEFT_OUT);
        for (int i = line.nextWrite; i < end; i++) {
            int step = line.writes.get(i);
            Access recorded = (Access) steps.get(step);
            if (ByteBufUtil.equals(recorded.data(), data) || anyValue.test(recorded)) {
                int skipped = i - line.nextWrite;
                line.nextWrite = i + 1;
                went(step);
                return new Match(
                        Optional.of(recorded),
                        skipped == 0
                                ? Optional.empty()
                                : Optional.of(skipped + " recorded writes to it left out before"));
            }
        }
        int step = line.writes.get(line.nextWrite++);
        Access recorded = (Access) steps.get(step);
        went(step);
        return new Match(
                Optional.of(recorded),
                Optional.of("recorded: " + ReplayDevice.value(recorded.data())));
    }

    /// The driver resets the device: goes behind a recorded reset, if no writes lie before it.
    void reset() {
        for (int i = position; i < frontier; i++) {
            if (steps.get(i) instanceof RecordedStep.Reset) {
                position = i + 1;
                return;
            }
        }
    }

    /// What lies before it can have happened: the first write that is still to come.
    int frontier() {
        return frontier;
    }

    /// How many recorded writes there are.
    int writes() {
        return lines.values().stream().mapToInt(line -> line.writes.size()).sum();
    }

    /// How many of them came.
    int writesThatCame() {
        return came.cardinality();
    }

    private Match matched(int step) {
        return new Match(Optional.of((Access) steps.get(step)), Optional.empty());
    }

    private void went(int step) {
        came.set(step);
        position = Math.max(position, step + 1);
        moveFrontier();
    }

    private void moveFrontier() {
        int next = Math.max(frontier, position);
        while (next < steps.size()
                && !(steps.get(next) instanceof Access access
                        && access.write()
                        && !came.get(next))) {
            next++;
        }
        frontier = next;
    }

    /// The read nearest before the frontier that covers a place, cut to it.
    private Optional<Access> wider(Place place) {
        Access found = null;
        for (int i = 0; i < steps.size() && (i < frontier || found == null); i++) {
            if (steps.get(i) instanceof Access access
                    && !access.write()
                    && isWhole(access)
                    && access.error().isEmpty()
                    && covers(access.place(), place)) {
                found = access;
            }
        }
        if (found == null) {
            return Optional.empty();
        }
        int from = (int) (place.offset() - found.place().offset());
        return Optional.of(
                new Access(
                        found.packet(),
                        found.time(),
                        false,
                        place,
                        found.data().slice(found.data().readerIndex() + from, place.count()),
                        Optional.empty()));
    }

    private static boolean covers(Place wide, Place narrow) {
        long from = narrow.offset() - wide.offset();
        return wide.region() == narrow.region()
                && from >= 0
                && from <= (long) wide.count() - narrow.count();
    }

    /// Whether the recording has its answer.
    private static boolean isWhole(Access access) {
        return access.error().isPresent()
                || access.data().readableBytes() == access.place().count();
    }

    private Line line(Place place) {
        return lines.computeIfAbsent(place, _ -> new Line());
    }

    /// The accesses of one place.
    private static final class Line {
        private final List<Integer> reads = new ArrayList<>();
        private final List<Integer> writes = new ArrayList<>();
        private @Nullable ByteBuf written;
        private int nextRead;
        private int nextWrite;

        void add(int step, boolean write) {
            (write ? writes : reads).add(step);
        }
    }
}
