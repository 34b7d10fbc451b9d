package io.vfiouser.protocol;

import java.util.Optional;

/// The commands of the legacy dialect with their numbers (spec of 2021: "Commands").
///
/// Names are those of today where the meaning is the same. The numbers 0 and above 14 belong to no
/// command.
public enum LegacyCommand {
    /// As [Command#VERSION].
    VERSION(1, Command.VERSION),
    /// Makes a table of regions of client memory known to the server.
    DMA_MAP(2, Command.DMA_MAP),
    /// Withdraws a table of regions of client memory.
    DMA_UNMAP(3, Command.DMA_UNMAP),
    /// As [Command#DEVICE_GET_INFO].
    DEVICE_GET_INFO(4, Command.DEVICE_GET_INFO),
    /// As [Command#DEVICE_GET_REGION_INFO]; the reply has as many bytes as the client says it
    /// takes.
    DEVICE_GET_REGION_INFO(5, Command.DEVICE_GET_REGION_INFO),
    /// As [Command#DEVICE_GET_IRQ_INFO].
    DEVICE_GET_IRQ_INFO(6, Command.DEVICE_GET_IRQ_INFO),
    /// As [Command#DEVICE_SET_IRQS].
    DEVICE_SET_IRQS(7, Command.DEVICE_SET_IRQS),
    /// As [Command#REGION_READ].
    REGION_READ(8, Command.REGION_READ),
    /// As [Command#REGION_WRITE].
    REGION_WRITE(9, Command.REGION_WRITE),
    /// As [Command#DMA_READ], with a count of 4 bytes.
    DMA_READ(10, Command.DMA_READ),
    /// As [Command#DMA_WRITE], with a count of 4 bytes.
    DMA_WRITE(11, Command.DMA_WRITE),
    /// The server tells the client of an interrupt.
    VM_INTERRUPT(12),
    /// As [Command#DEVICE_RESET].
    DEVICE_RESET(13, Command.DEVICE_RESET),
    /// Starts, stops and reads the log of pages that the server writes.
    DIRTY_PAGES(14);

    private static final LegacyCommand[] BY_ID = values();

    private final int id;
    private final Optional<Command> counterpart;

    LegacyCommand(int id, Command counterpart) {
        this.id = id;
        this.counterpart = Optional.of(counterpart);
    }

    LegacyCommand(int id) {
        this.id = id;
        this.counterpart = Optional.empty();
    }

    /// The command with number `id`; empty for a number that belongs to none.
    public static Optional<LegacyCommand> of(int id) {
        return id > 0 && id <= BY_ID.length ? Optional.of(BY_ID[id - 1]) : Optional.empty();
    }

    /// The command that means the same as one of today; empty if there was none yet.
    public static Optional<LegacyCommand> of(Command command) {
        for (LegacyCommand legacy : BY_ID) {
            if (legacy.counterpart.filter(command::equals).isPresent()) {
                return Optional.of(legacy);
            }
        }
        return Optional.empty();
    }

    /// The number on the wire, 1 to 14.
    public int id() {
        return id;
    }

    /// The command of today with the same meaning; none for [#VM_INTERRUPT] and [#DIRTY_PAGES].
    public Optional<Command> counterpart() {
        return counterpart;
    }
}
