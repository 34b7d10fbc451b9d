package io.vfiouser.testkit.conformance;

import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Command;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/// Payloads that are too short or longer than needed, and `argsz` that is too small.
final class PayloadLengthChecks {
    private static final String REFUSED = "refused with EINVAL; the session goes on";
    private static final long ADDRESS = 0x4000_0000L;

    private PayloadLengthChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("payload", "Commands");
        proper().forEach((command, proper) -> {
            if (command != Command.VERSION && command != Command.DEVICE_RESET) {
                group.check(
                        command + " cut to every shorter length",
                        REFUSED,
                        peer -> cut(peer, proper));
            }
        });
        for (Command command : withArgsz()) {
            group.check(
                    command + " with argsz 0 and one too small",
                    REFUSED,
                    peer -> smallArgsz(peer, proper(command)));
        }
        for (Command command : tolerant()) {
            group.check(
                    command + " with bytes behind its payload",
                    "done; the bytes are ignored",
                    peer -> longer(peer, proper(command)));
        }
        return group.checks();
    }

    private static Map<Command, Supplier<RawCommand>> proper() {
        var proper = new LinkedHashMap<Command, Supplier<RawCommand>>();
        proper.put(Command.DMA_MAP, () -> Commands.dmaMap(ADDRESS, 0x1000));
        proper.put(Command.DMA_UNMAP, () -> Commands.dmaUnmap(Bits.UNMAP_ALL, 0, 0));
        proper.put(Command.DEVICE_GET_INFO, Commands::getInfo);
        proper.put(Command.DEVICE_GET_REGION_INFO, () -> Commands.regionInfo(Bits.CONFIG, 32));
        proper.put(Command.DEVICE_GET_REGION_IO_FDS, () -> Commands.regionIoFds(Bits.CONFIG, 16));
        proper.put(Command.DEVICE_GET_IRQ_INFO, () -> Commands.irqInfo(Bits.INTX));
        proper.put(
                Command.DEVICE_SET_IRQS,
                () -> Commands.setIrqs(Bits.TRIGGER_NONE, Bits.INTX, 0, 0));
        proper.put(Command.REGION_READ, () -> Commands.regionRead(Bits.CONFIG, 0, 4));
        proper.put(
                Command.REGION_WRITE,
                () -> Commands.regionWrite(Bits.CONFIG, Bits.INTERRUPT_LINE, (byte) 1));
        proper.put(Command.DEVICE_RESET, Commands::reset);
        proper.put(
                Command.REGION_WRITE_MULTI,
                () ->
                        Commands.entry(
                                Commands.writeMulti(1), Bits.CONFIG, Bits.INTERRUPT_LINE, 1, 1));
        proper.put(Command.DEVICE_FEATURE, () -> Commands.feature(0x1_0001, 16));
        proper.put(Command.MIG_DATA_READ, () -> Commands.migDataRead(16, 8));
        proper.put(Command.MIG_DATA_WRITE, () -> Commands.migDataWrite(12, 4, new byte[4]));
        return proper;
    }

    private static Supplier<RawCommand> proper(Command command) {
        return Objects.requireNonNull(proper().get(command), command::toString);
    }

    private static List<Command> withArgsz() {
        return List.of(
                Command.DMA_MAP,
                Command.DMA_UNMAP,
                Command.DEVICE_GET_INFO,
                Command.DEVICE_GET_REGION_INFO,
                Command.DEVICE_GET_REGION_IO_FDS,
                Command.DEVICE_GET_IRQ_INFO,
                Command.DEVICE_SET_IRQS,
                Command.DEVICE_FEATURE,
                Command.MIG_DATA_READ,
                Command.MIG_DATA_WRITE);
    }

    private static List<Command> tolerant() {
        return List.of(
                Command.DMA_MAP,
                Command.DMA_UNMAP,
                Command.DEVICE_GET_INFO,
                Command.DEVICE_GET_REGION_INFO,
                Command.DEVICE_GET_REGION_IO_FDS,
                Command.DEVICE_GET_IRQ_INFO,
                Command.REGION_READ,
                Command.DEVICE_RESET);
    }

    private static void cut(Peer peer, Supplier<RawCommand> proper) {
        int whole = proper.get().payloadLength();
        for (int length = 0; length < whole; length++) {
            peer.refuses(proper.get().cutTo(length), Errno.EINVAL);
        }
    }

    private static void smallArgsz(Peer peer, Supplier<RawCommand> proper) {
        peer.refuses(proper.get().set32(0, 0), Errno.EINVAL);
        peer.refuses(proper.get().set32(0, 7), Errno.EINVAL);
    }

    private static void longer(Peer peer, Supplier<RawCommand> proper) {
        RawCommand command = proper.get();
        if (command.command() == Command.DEVICE_RESET.id()) {
            NotApplicableException.unless(peer.target().canReset(), "the device has no reset");
        }
        peer.succeeds(command.zeros(24));
        peer.inStep();
    }
}
