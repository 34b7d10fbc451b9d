package io.vfiouser.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The test is the controller.
final class QueuePairTest {
    private static final long IOVA = 0x10_0000;

    private final DmaPool pool = new DmaPool(2 * 4096, IOVA);
    private final List<String> rung = new ArrayList<>();
    private final List<String> completed = new ArrayList<>();
    private final QueuePair pair =
            new QueuePair(5, 4, pool, (index, value) -> rung.add(index + "=" + value));
    private int posted;

    @AfterEach
    void close() {
        pair.close();
        pool.close();
    }

    @Test
    void writesEntriesAsTheSpecificationHasThem() {
        int id = pair.submit(0x4002, 7, 0x1111, 0x2222, 0x3333_0000_4444L, 0x55);
        MemorySegment entry = pool.memory().segment().asSlice(0, 64);
        assertThat(Words.i32(entry, 0)).isEqualTo(id << 16 | 0x4002);
        assertThat(Words.i32(entry, 4)).isEqualTo(7);
        assertThat(Words.i64(entry, 24)).isEqualTo(0x1111);
        assertThat(Words.i64(entry, 32)).isEqualTo(0x2222);
        assertThat(Words.i32(entry, 40)).isEqualTo(0x4444);
        assertThat(Words.i32(entry, 44)).isEqualTo(0x3333);
        assertThat(Words.i32(entry, 48)).isEqualTo(0x55);
        assertThat(rung).isEmpty();
        pair.ring();
        pair.ring();
        assertThat(rung).containsExactly("10=1");
    }

    @Test
    void goesRoundTheRingsWithTheirPhase() {
        for (int i = 0; i < 10; i++) {
            int id = pair.submit(0, 1, 0, 0, 0, 0);
            pair.ring();
            assertThat(pair.poll(this::completed)).isZero();
            post(id, 0);
            assertThat(pair.poll(this::completed)).isEqualTo(1);
        }
        assertThat(rung)
                .startsWith("10=1", "11=1", "10=2", "11=2", "10=3", "11=3", "10=0", "11=0")
                .hasSize(20);
        assertThat(pair.inFlight()).isZero();
    }

    @Test
    void tellsStatusAndResultOfEach() {
        int first = pair.submit(0, 1, 0, 0, 0, 0);
        int second = pair.submit(0, 1, 0, 0, 0, 0);
        post(second, 0x4080);
        post(first, 0);
        assertThat(pair.poll(this::completed)).isEqualTo(2);
        assertThat(completed).containsExactly(second + " 16512 0", first + " 0 1");
        assertThat(rung).containsExactly("11=2");
    }

    @Test
    void holdsOneCommandLessThanItHasEntries() {
        for (int i = 0; i < 3; i++) {
            pair.submit(0, 1, 0, 0, 0, 0);
        }
        assertThatThrownBy(() -> pair.submit(0, 1, 0, 0, 0, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("queue 5: 3 commands in flight (expected: fewer)");
    }

    @Test
    void refusesCompletionsOfWhatIsNotInFlight() {
        int id = pair.submit(0, 1, 0, 0, 0, 0);
        post(id, 0);
        post(id, 0);
        assertThatThrownBy(() -> pair.poll(this::completed))
                .isInstanceOf(ControllerException.class)
                .hasMessageContaining("completion of command 0x%x", id);
        post(0xffff, 0);
        assertThatThrownBy(() -> pair.poll(this::completed))
                .isInstanceOf(ControllerException.class)
                .hasMessageContaining("completion of command 0xffff");
    }

    private void post(int id, int status) {
        MemorySegment entry =
                pool.memory().segment().asSlice(pair.cqIova() - IOVA + posted % 4 * 16L, 16);
        int phase = posted / 4 % 2 == 0 ? 1 : 0;
        entry.set(Words.INT, 0, posted);
        entry.set(Words.INT, 12, status << 17 | phase << 16 | id);
        posted++;
    }

    private void completed(int commandId, int status, int result) {
        completed.add(commandId + " " + status + " " + result);
    }
}
