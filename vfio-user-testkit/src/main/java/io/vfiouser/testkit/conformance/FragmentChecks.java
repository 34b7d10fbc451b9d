package io.vfiouser.testkit.conformance;

import static io.vfiouser.testkit.conformance.Bits.CONFIG;
import static io.vfiouser.testkit.conformance.Bits.INTERRUPT_LINE;

import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.SharedMemory;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/// Messages in pieces: a stream has no message boundaries.
final class FragmentChecks {
    private static final String REFERENCE =
            "needs header and payload whole, each in one piece; else out of step";
    private static final String TOGETHER = "put together and executed";
    private static final long PAGE = 0x1000;

    private FragmentChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("fragments", "Header");
        split(group, "DEVICE_GET_INFO cut in two at every byte", FragmentChecks::getInfo);
        split(group, "REGION_WRITE cut in two at every byte", FragmentChecks::regionWrite);
        split(group, "DMA_MAP with a descriptor cut in two at every byte", FragmentChecks::dmaMap);
        split(group, "SET_IRQS with a descriptor cut in two at every byte", FragmentChecks::irqs);
        split(group, "commands byte by byte", FragmentChecks::byteByByte);
        split(
                group,
                "the end of one command with the beginning of the next",
                FragmentChecks::shifted);
        group.beforeVersion(
                        "VERSION cut in two at every byte",
                        "put together and answered",
                        FragmentChecks::version)
                .reference(REFERENCE, peer -> isOutOfStep(peer, FragmentChecks::version));
        group.beforeVersion(
                        "VERSION byte by byte",
                        "put together and answered",
                        FragmentChecks::versionByteByByte)
                .reference(REFERENCE, peer -> isOutOfStep(peer, FragmentChecks::versionByteByByte));
        return group.checks();
    }

    private static void split(CheckGroup group, String name, Consumer<Peer> body) {
        group.check(name, TOGETHER, body).reference(REFERENCE, peer -> isOutOfStep(peer, body));
    }

    private static void isOutOfStep(Peer peer, Consumer<Peer> body) {
        try {
            body.accept(peer);
        } catch (Difference _) {
            return;
        }
        throw new Difference("out of step", "in step");
    }

    private static void getInfo(Peer peer) {
        RawCommand command = Commands.getInfo();
        byte[] bytes = command.toBytes();
        for (int at = 1; at < bytes.length; at++) {
            peer.sendSplit(bytes, at, FdBundle.empty());
            peer.goodReplyTo(command);
        }
    }

    private static void regionWrite(Peer peer) {
        int length = Commands.regionWrite(CONFIG, INTERRUPT_LINE, (byte) 0).toBytes().length;
        for (int at = 1; at < length; at++) {
            RawCommand write = Commands.regionWrite(CONFIG, INTERRUPT_LINE, (byte) at);
            peer.sendSplit(write.toBytes(), at, FdBundle.empty());
            peer.goodReplyTo(write);
            Answer read = peer.succeeds(Commands.regionRead(CONFIG, INTERRUPT_LINE, 1));
            Difference.checkHex("interrupt line", at, read.u8(16));
        }
    }

    private static void dmaMap(Peer peer) {
        SharedMemory memory = peer.sharedMemory(PAGE);
        int length = Commands.dmaMap(0, 0).toBytes().length;
        for (int at = 1; at < length; at++) {
            RawCommand map = Commands.dmaMap(7, 0, at * PAGE, PAGE);
            peer.sendSplit(map.toBytes(), at, Peer.descriptorOf(memory));
            peer.goodReplyTo(map);
            peer.succeeds(Commands.dmaUnmap(0, at * PAGE, PAGE));
        }
    }

    private static void irqs(Peer peer) {
        Vectors vectors = Vectors.most(peer, 1);
        RawCommand set = vectors.command(Bits.TRIGGER_EVENTFD, 0, 1);
        byte[] bytes = set.toBytes();
        for (int at = 1; at < bytes.length; at++) {
            EventFd eventFd = peer.eventFd();
            peer.sendSplit(bytes, at, Peer.descriptorOf(eventFd));
            peer.goodReplyTo(set);
            vectors.fires(0, eventFd);
        }
    }

    private static void byteByByte(Peer peer) {
        for (RawCommand command :
                List.of(
                        Commands.getInfo(),
                        Commands.regionWrite(CONFIG, INTERRUPT_LINE, (byte) 3),
                        Commands.regionInfo(CONFIG, 32))) {
            for (byte each : command.toBytes()) {
                peer.send(new byte[] {each}, FdBundle.empty());
            }
            peer.goodReplyTo(command);
        }
    }

    private static void shifted(Peer peer) {
        RawCommand command = Commands.regionRead(CONFIG, 0, 4);
        byte[] bytes = command.toBytes();
        for (int at = 1; at < bytes.length; at++) {
            var stream = new ByteArrayOutputStream();
            for (int i = 0; i < 3; i++) {
                stream.writeBytes(bytes);
            }
            byte[] three = stream.toByteArray();
            peer.send(Arrays.copyOf(three, bytes.length + at), FdBundle.empty());
            peer.send(Arrays.copyOfRange(three, bytes.length + at, three.length), FdBundle.empty());
            for (int i = 0; i < 3; i++) {
                peer.goodReplyTo(command);
            }
        }
    }

    private static void version(Peer peer) {
        RawCommand version = Commands.version(0, 0, "{\"capabilities\":{}}");
        byte[] bytes = version.toBytes();
        Peer current = peer;
        for (int at = 1; at < bytes.length; at++) {
            current.sendSplit(bytes, at, FdBundle.empty());
            current.goodReplyTo(version);
            current.close();
            current = peer.connectBeside();
        }
    }

    private static void versionByteByByte(Peer peer) {
        RawCommand version = Commands.version(0, 0, Commands.QEMU_TEXT);
        for (byte each : version.toBytes()) {
            peer.send(new byte[] {each}, FdBundle.empty());
        }
        peer.goodReplyTo(version);
        peer.inStep();
    }
}
