package io.vfiouser.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class CommandTest {
    @Test
    void hasTheNumbersOfTheSpecification() {
        assertThat(Command.values())
                .extracting(Command::id)
                .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 18);
        assertThat(Command.REGION_WRITE_MULTI.specName()).isEqualTo("VFIO_USER_REGION_WRITE_MULTI");
    }

    @Test
    void isFoundByItsNumber() {
        for (Command command : Command.values()) {
            assertThat(Command.of(command.id())).containsSame(command);
        }
        for (int id : new int[] {-1, 0, 14, 19, 0xffff, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            assertThat(Command.of(id)).isEmpty();
        }
    }

    @Test
    void onlyDmaIsAskedByTheServer() {
        assertThat(Command.values())
                .filteredOn(c -> c.direction() == Command.Direction.SERVER_TO_CLIENT)
                .containsExactly(Command.DMA_READ, Command.DMA_WRITE);
    }
}
