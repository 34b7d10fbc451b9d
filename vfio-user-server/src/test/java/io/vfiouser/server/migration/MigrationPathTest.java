package io.vfiouser.server.migration;

import static io.vfiouser.protocol.MigrationState.PRE_COPY;
import static io.vfiouser.protocol.MigrationState.RESUMING;
import static io.vfiouser.protocol.MigrationState.RUNNING;
import static io.vfiouser.protocol.MigrationState.STOP;
import static io.vfiouser.protocol.MigrationState.STOP_COPY;
import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.protocol.MigrationState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MigrationPathTest {
    private static final List<MigrationState> USED =
            List.of(STOP, RUNNING, STOP_COPY, RESUMING, PRE_COPY);

    private static final Map<MigrationState, Set<MigrationState>> ARCS =
            Map.of(
                    RUNNING, Set.of(STOP, PRE_COPY),
                    PRE_COPY, Set.of(RUNNING, STOP_COPY),
                    STOP, Set.of(RUNNING, STOP_COPY, RESUMING),
                    STOP_COPY, Set.of(STOP),
                    RESUMING, Set.of(STOP));

    @ParameterizedTest
    @CsvSource({
        "STOP,      RUNNING,   RUNNING",
        "STOP,      STOP_COPY, STOP_COPY",
        "STOP,      RESUMING,  RESUMING",
        "STOP,      PRE_COPY,  RUNNING PRE_COPY",
        "RUNNING,   STOP,      STOP",
        "RUNNING,   STOP_COPY, STOP STOP_COPY",
        "RUNNING,   RESUMING,  STOP RESUMING",
        "RUNNING,   PRE_COPY,  PRE_COPY",
        "STOP_COPY, STOP,      STOP",
        "STOP_COPY, RUNNING,   STOP RUNNING",
        "STOP_COPY, RESUMING,  STOP RESUMING",
        "RESUMING,  STOP,      STOP",
        "RESUMING,  RUNNING,   STOP RUNNING",
        "RESUMING,  STOP_COPY, STOP STOP_COPY",
        "RESUMING,  PRE_COPY,  STOP RUNNING PRE_COPY",
        "PRE_COPY,  STOP,      RUNNING STOP",
        "PRE_COPY,  RUNNING,   RUNNING",
        "PRE_COPY,  STOP_COPY, STOP_COPY",
        "PRE_COPY,  RESUMING,  RUNNING STOP RESUMING",
    })
    void goesTheWayOfTheTable(MigrationState from, MigrationState to, String way) {
        assertThat(path(from, to)).hasToString("[" + way.replace(" ", ", ") + "]");
    }

    @ParameterizedTest
    @EnumSource
    void takesTheShortestWayThatDoesNotPassThroughASavingState(MigrationState from) {
        for (MigrationState to : USED) {
            boolean backward = from == STOP_COPY && to == PRE_COPY;
            if (from != to && !backward) {
                Optional<List<MigrationState>> shortest = shortest(from, to);
                assertThat(MigrationPath.firstHop(from, to).isPresent())
                        .as("%s to %s", from, to)
                        .isEqualTo(shortest.isPresent());
                shortest.ifPresent(way -> assertThat(path(from, to)).isEqualTo(way));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ERROR", "RUNNING_P2P", "PRE_COPY_P2P"})
    void hasNoWayToOrFromStatesThatVfioUserDoesNotUse(MigrationState unused) {
        for (MigrationState other : MigrationState.values()) {
            assertThat(MigrationPath.firstHop(unused, other)).isEmpty();
            assertThat(MigrationPath.firstHop(other, unused)).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource("STOP_COPY, PRE_COPY")
    void hasNoWayBackFromTheLastPartToTheFirst(MigrationState from, MigrationState to) {
        assertThat(MigrationPath.firstHop(from, to)).isEmpty();
    }

    static List<MigrationState> path(MigrationState from, MigrationState to) {
        var way = new ArrayList<MigrationState>();
        MigrationState at = from;
        while (at != to) {
            at = MigrationPath.firstHop(at, to).orElseThrow();
            way.add(at);
        }
        return way;
    }

    /// By search, from the arcs and the rule.
    private static Optional<List<MigrationState>> shortest(MigrationState from, MigrationState to) {
        var queue = new ArrayDeque<List<MigrationState>>();
        queue.add(List.of());
        while (!queue.isEmpty()) {
            List<MigrationState> way = queue.remove();
            MigrationState at = way.isEmpty() ? from : way.getLast();
            if (at == to) {
                return Optional.of(way);
            }
            boolean passesThrough = at.isSaving() && !way.isEmpty();
            if (!passesThrough && way.size() < 8) {
                for (MigrationState next : ARCS.getOrDefault(at, Set.of())) {
                    var longer = new ArrayList<>(way);
                    longer.add(next);
                    queue.add(longer);
                }
            }
        }
        return Optional.empty();
    }
}
