package io.vfiouser.testkit.conformance;

import io.vfiouser.os.Errno;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.SharedMemory;
import java.util.Arrays;
import java.util.List;

/// Clients that leave, at any moment: the next one finds the device ready.
final class DisconnectChecks {
    private static final String SERVED = "the next client is served";
    private static final long PAGE = 0x1000;

    private DisconnectChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("disconnect", "Client Disconnection");
        group.beforeVersion("before VERSION", SERVED, peer -> peer.nextClient().inStep());
        group.beforeVersion("inside VERSION, at every byte", SERVED, DisconnectChecks::inVersion);
        group.check("inside a command, at every byte", SERVED, DisconnectChecks::inCommand);
        group.check(
                "inside DMA_MAP with its descriptor, at every byte",
                SERVED,
                DisconnectChecks::inDmaMap);
        group.check(
                "with commands that are not answered yet", SERVED, DisconnectChecks::unanswered);
        group.check(
                "after half-closing the connection",
                "what came before is answered, then the server closes its half",
                peer -> {
                    RawCommand info = Commands.getInfo();
                    peer.send(info);
                    peer.goodReplyTo(info);
                    peer.finishSending();
                    List<Answer> rest = peer.untilClosed();
                    Difference.check("messages", 0, rest.size());
                });
        group.check(
                "with DMA regions mapped",
                "they are gone for the next client",
                peer -> {
                    SharedMemory memory = peer.sharedMemory(PAGE);
                    peer.succeeds(Commands.dmaMap(3, 0, PAGE, PAGE), Peer.descriptorOf(memory));
                    Peer next = peer.nextClient();
                    next.refuses(Commands.dmaUnmap(0, PAGE, PAGE), Errno.ENOENT);
                    next.succeeds(Commands.dmaMap(PAGE, PAGE));
                });
        group.check(
                "with eventfds set",
                "they are not signalled for the next client",
                peer -> {
                    Vectors vectors = Vectors.most(peer, 1);
                    EventFd eventFd = vectors.arm(0);
                    Peer next = peer.nextClient();
                    Vectors.most(next, 1).silent(0, eventFd);
                });
        group.check(
                "a second client while the first is there",
                "waits, and is served when the first has left",
                DisconnectChecks::secondClient);
        return group.checks();
    }

    private static void inVersion(Peer peer) {
        byte[] version = Commands.version(0, 0, "{\"capabilities\":{}}").toBytes();
        Peer current = peer;
        for (int length = 1; length < version.length; length++) {
            current.send(Arrays.copyOf(version, length), FdBundle.empty());
            current.close();
            current = peer.connectBeside();
        }
        current.nextClient().inStep();
    }

    private static void inCommand(Peer peer) {
        byte[] command = Commands.regionWrite(Bits.CONFIG, Bits.INTERRUPT_LINE, (byte) 1).toBytes();
        Peer current = peer;
        for (int length = 1; length < command.length; length++) {
            current.send(Arrays.copyOf(command, length), FdBundle.empty());
            current = current.nextClient();
        }
        current.inStep();
    }

    private static void inDmaMap(Peer peer) {
        byte[] command = Commands.dmaMap(3, 0, PAGE, PAGE).toBytes();
        SharedMemory memory = peer.sharedMemory(PAGE);
        Peer current = peer;
        for (int length = 1; length < command.length; length++) {
            current.send(Arrays.copyOf(command, length), Peer.descriptorOf(memory));
            current = current.nextClient();
        }
        current.refuses(Commands.dmaUnmap(0, PAGE, PAGE), Errno.ENOENT);
    }

    private static void unanswered(Peer peer) {
        Peer current = peer;
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < 50; i++) {
                current.send(Commands.regionRead(Bits.CONFIG, 0, 256));
            }
            current = current.nextClient();
        }
        current.inStep();
    }

    private static void secondClient(Peer peer) {
        Peer second = peer.connectBeside();
        RawCommand version = Commands.version(0, 0, Commands.QEMU_TEXT);
        second.send(version);
        for (int i = 0; i < 50; i++) {
            peer.inStep();
        }
        Difference.check(second.hasNothing(), "no answer to the second client yet", "one");
        peer.close();
        second.goodReplyTo(version);
        second.inStep();
    }
}
