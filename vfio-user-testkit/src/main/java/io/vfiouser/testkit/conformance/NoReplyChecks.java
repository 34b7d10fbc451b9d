package io.vfiouser.testkit.conformance;

import static io.vfiouser.testkit.conformance.Bits.CONFIG;
import static io.vfiouser.testkit.conformance.Bits.INTERRUPT_LINE;

import io.vfiouser.os.EventFd;
import java.util.List;
import java.util.function.Supplier;

/// Commands with the no-reply flag: executed, and never answered.
final class NoReplyChecks {
    private static final String SILENT = "executed without a reply";
    private static final String SILENT_FAILURE = "refused without a reply";

    private NoReplyChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("no reply", "Header");
        silent(group, "DEVICE_GET_INFO", SILENT, Commands::getInfo);
        silent(group, "REGION_READ", SILENT, () -> Commands.regionRead(CONFIG, 0, 64));
        silent(group, "DMA_MAP", SILENT, () -> Commands.dmaMap(0x1000, 0x1000));
        silent(group, "DMA_UNMAP of nothing", SILENT_FAILURE, () -> Commands.dmaUnmap(0, 1, 1));
        silent(
                group,
                "a refused REGION_WRITE",
                SILENT_FAILURE,
                () -> Commands.regionWrite(CONFIG, 1L << 40, (byte) 1));
        silent(group, "a refused REGION_READ", SILENT_FAILURE, () -> Commands.regionRead(99, 0, 4));
        silent(group, "a payload that is too short", SILENT_FAILURE, () -> RawCommand.of(5).u32(1));
        silent(group, "an unknown command", SILENT_FAILURE, () -> RawCommand.of(99).zeros(8));
        silent(
                group,
                "a second VERSION",
                SILENT_FAILURE,
                () -> Commands.version(0, 0, Commands.QEMU_TEXT));
        group.check(
                "REGION_WRITE",
                SILENT,
                peer -> {
                    peer.send(Commands.regionWrite(CONFIG, INTERRUPT_LINE, (byte) 0x77).noReply());
                    Answer read = peer.succeeds(Commands.regionRead(CONFIG, INTERRUPT_LINE, 1));
                    Difference.checkHex("interrupt line", 0x77, read.u8(16));
                });
        group.check(
                "DEVICE_SET_IRQS with a descriptor",
                SILENT,
                peer -> {
                    Vectors vectors = Vectors.most(peer, 1);
                    EventFd eventFd = peer.eventFd();
                    RawCommand set = vectors.command(Bits.TRIGGER_EVENTFD, 0, 1).noReply();
                    peer.send(set, Peer.descriptorOf(eventFd));
                    vectors.fires(0, eventFd);
                });
        group.check(
                "DEVICE_RESET",
                SILENT,
                peer -> {
                    NotApplicableException.unless(
                            peer.target().canReset(), "the device has no reset");
                    peer.send(Commands.reset().noReply());
                    peer.inStep();
                });
        group.check(
                "a mapped region",
                "is there for the next command",
                peer -> {
                    peer.send(Commands.dmaMap(0x1000, 0x1000).noReply());
                    peer.succeeds(Commands.dmaUnmap(0, 0x1000, 0x1000));
                });
        return group.checks();
    }

    private static void silent(
            CheckGroup group, String name, String what, Supplier<RawCommand> command) {
        group.check(
                name,
                what,
                peer -> {
                    peer.send(command.get().noReply());
                    peer.inStep();
                });
    }
}
