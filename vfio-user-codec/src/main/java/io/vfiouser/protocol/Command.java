package io.vfiouser.protocol;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// The commands of the protocol, with their numbers and who may send them (spec: "Commands").
///
/// Constants carry the names of the specification without `VFIO_USER_`. The numbers 0, 14 and
/// everything above 18 belong to no command.
public enum Command {
    /// Agrees on version and limits; the first message of a session.
    VERSION(1, Direction.CLIENT_TO_SERVER),
    /// Makes client memory known to the server.
    DMA_MAP(2, Direction.CLIENT_TO_SERVER),
    /// Withdraws client memory.
    DMA_UNMAP(3, Direction.CLIENT_TO_SERVER),
    /// Asks how many regions and interrupt types the device has.
    DEVICE_GET_INFO(4, Direction.CLIENT_TO_SERVER),
    /// Asks for size, access and mappable areas of one region.
    DEVICE_GET_REGION_INFO(5, Direction.CLIENT_TO_SERVER),
    /// Asks for descriptors that replace messages for parts of a region.
    DEVICE_GET_REGION_IO_FDS(6, Direction.CLIENT_TO_SERVER),
    /// Asks for the number of vectors of one interrupt type.
    DEVICE_GET_IRQ_INFO(7, Direction.CLIENT_TO_SERVER),
    /// Sets, fires, masks or unmasks interrupts.
    DEVICE_SET_IRQS(8, Direction.CLIENT_TO_SERVER),
    /// Reads from a region.
    REGION_READ(9, Direction.CLIENT_TO_SERVER),
    /// Writes to a region.
    REGION_WRITE(10, Direction.CLIENT_TO_SERVER),
    /// Reads client memory.
    DMA_READ(11, Direction.SERVER_TO_CLIENT),
    /// Writes client memory.
    DMA_WRITE(12, Direction.SERVER_TO_CLIENT),
    /// Resets the device.
    DEVICE_RESET(13, Direction.CLIENT_TO_SERVER),
    /// Writes several small values to regions.
    REGION_WRITE_MULTI(15, Direction.CLIENT_TO_SERVER),
    /// Reads, writes or probes a feature.
    DEVICE_FEATURE(16, Direction.CLIENT_TO_SERVER),
    /// Takes migration data from the device.
    MIG_DATA_READ(17, Direction.CLIENT_TO_SERVER),
    /// Gives migration data to the device.
    MIG_DATA_WRITE(18, Direction.CLIENT_TO_SERVER);

    private static final List<Optional<Command>> BY_ID = byId();

    private final int id;
    private final Direction direction;

    Command(int id, Direction direction) {
        this.id = id;
        this.direction = direction;
    }

    /// The command with number `id`; empty for a number that belongs to none. Allocates nothing.
    public static Optional<Command> of(int id) {
        return id >= 0 && id < BY_ID.size() ? BY_ID.get(id) : Optional.empty();
    }

    /// The number on the wire, 1 to 18.
    public int id() {
        return id;
    }

    /// Who sends the command; the reply travels the other way.
    public Direction direction() {
        return direction;
    }

    /// The name in the specification, for example `VFIO_USER_REGION_READ`.
    public String specName() {
        return "VFIO_USER_" + name();
    }

    private static List<Optional<Command>> byId() {
        var table = new ArrayList<Optional<Command>>(Collections.nCopies(19, Optional.empty()));
        for (Command command : values()) {
            table.set(command.id, Optional.of(command));
        }
        return List.copyOf(table);
    }

    /// Who sends a command.
    public enum Direction {
        /// The side with the virtual machine asks the side with the device.
        CLIENT_TO_SERVER,
        /// The side with the device asks the side with the virtual machine.
        SERVER_TO_CLIENT
    }
}
