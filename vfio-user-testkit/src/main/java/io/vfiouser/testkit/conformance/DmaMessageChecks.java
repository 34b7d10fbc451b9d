package io.vfiouser.testkit.conformance;

import static io.vfiouser.testkit.conformance.TestdevDma.BY_MESSAGE;
import static io.vfiouser.testkit.conformance.TestdevDma.copy;

import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.Command;
import java.util.Arrays;
import java.util.List;

/// DMA_READ and DMA_WRITE; needs the device `testdev`.
final class DmaMessageChecks {
    private static final long A = 0x1000_0000;
    private static final long B = 0x2000_0000;
    private static final int SIZE = 0x4000;
    private static final byte[] DATA = {1, 2, 3, 4, 5, 6, 7, 8};

    private DmaMessageChecks() {}

    static List<ConformanceCheck> checks() {
        var group = new CheckGroup("DMA_READ, DMA_WRITE", "VFIO_USER_DMA_READ");
        addRefusals(group);
        addOrder(group);
        addPieces(group);
        return group.checks();
    }

    private static void addRefusals(CheckGroup group) {
        for (Errno errno : List.of(Errno.ENODEV, Errno.EPERM, Errno.EFAULT)) {
            group.check(
                    "answered with " + errno,
                    "the device sees the errno; the session goes on",
                    peer -> {
                        TestdevDma dma = start(peer);
                        peer.refuseCommand(dma.expect(Command.DMA_READ, A, 8), errno);
                        peer.refusalOf(copy(A, B, 8, BY_MESSAGE), errno);
                        peer.inStep();
                    });
        }
        group.check(
                        "a reply to DMA_READ without data",
                        "the transfer fails; the session goes on, or ends",
                        peer -> garbled(peer, false))
                .reference("the connection is reset", peer -> garbled(peer, false));
        group.check(
                        "a reply with the id of no command",
                        "dropped, or the session ends",
                        peer -> garbled(peer, true))
                .reference("the transfer fails with EPROTO", peer -> garbled(peer, true));
        group.check(
                "the client leaves instead of answering",
                "the next client is served",
                peer -> {
                    TestdevDma dma = start(peer);
                    dma.expect(Command.DMA_READ, A, 8);
                    Peer next = peer.nextClient();
                    next.inStep();
                    next.refuses(Commands.dmaUnmap(0, A, SIZE), Errno.ENOENT);
                });
    }

    private static void addOrder(CheckGroup group) {
        group.check(
                "a copy by messages",
                "reads, then writes what it read, then answers",
                peer -> {
                    TestdevDma dma = start(peer);
                    dma.give(dma.expect(Command.DMA_READ, A, 8), DATA);
                    dma.take(dma.expect(Command.DMA_WRITE, B, 8), DATA);
                    peer.goodReplyTo(copy(A, B, 8, BY_MESSAGE));
                });
        group.check(
                        "commands while a DMA_READ waits for its answer",
                        "wait, and are answered in order afterwards",
                        DmaMessageChecks::commandsBetween)
                .reference(
                        "the stream is out of step",
                        peer -> {
                            start(peer);
                            peer.send(Commands.getInfo());
                            peer.untilClosed();
                        });
        group.check(
                "DMA_UNMAP while a DMA_READ waits for its answer",
                "answered when the transfer is over",
                peer -> {
                    TestdevDma dma = start(peer);
                    Answer read = dma.expect(Command.DMA_READ, A, 8);
                    RawCommand unmap = Commands.dmaUnmap(0, A, SIZE).id(77);
                    peer.send(unmap);
                    dma.give(read, DATA);
                    dma.take(dma.expect(Command.DMA_WRITE, B, 8), DATA);
                    peer.goodReplyTo(copy(A, B, 8, BY_MESSAGE));
                    peer.goodReplyTo(unmap);
                });
    }

    private static void addPieces(CheckGroup group) {
        group.check(
                "more than the client's max_data_xfer_size",
                "comes in pieces of at most that",
                peer -> {
                    TestdevDma.of(peer);
                    Peer small = peer.nextClient(1024);
                    map(small);
                    small.send(copy(A, B, 2500, BY_MESSAGE));
                    TestdevDma dma = TestdevDma.of(small);
                    byte[] data = new byte[1024];
                    Arrays.fill(data, (byte) 0x3c);
                    byte[] rest = Arrays.copyOf(data, 452);
                    dma.give(dma.expect(Command.DMA_READ, A, 1024), data);
                    dma.give(dma.expect(Command.DMA_READ, A + 1024, 1024), data);
                    dma.give(dma.expect(Command.DMA_READ, A + 2048, 452), rest);
                    dma.take(dma.expect(Command.DMA_WRITE, B, 1024), data);
                    dma.take(dma.expect(Command.DMA_WRITE, B + 1024, 1024), data);
                    dma.take(dma.expect(Command.DMA_WRITE, B + 2048, 452), rest);
                    small.goodReplyTo(copy(A, B, 2500, BY_MESSAGE));
                });
        group.check(
                "memory without a descriptor",
                "is reached by messages without being asked to",
                peer -> {
                    TestdevDma dma = TestdevDma.of(peer);
                    map(peer);
                    RawCommand copy = copy(A, B, 8, 0);
                    peer.send(copy);
                    dma.give(dma.expect(Command.DMA_READ, A, 8), DATA);
                    dma.take(dma.expect(Command.DMA_WRITE, B, 8), DATA);
                    peer.goodReplyTo(copy);
                });
        group.check(
                "an answer in pieces of one byte",
                "is put together",
                peer -> {
                    TestdevDma dma = start(peer);
                    Answer read = dma.expect(Command.DMA_READ, A, 8);
                    RawCommand answer = TestdevDma.echo(read).u64(A).u64(8).bytes(DATA);
                    for (byte each : answer.toBytes()) {
                        peer.send(new byte[] {each}, FdBundle.empty());
                    }
                    dma.take(dma.expect(Command.DMA_WRITE, B, 8), DATA);
                    peer.goodReplyTo(copy(A, B, 8, BY_MESSAGE));
                });
    }

    private static void commandsBetween(Peer peer) {
        TestdevDma dma = start(peer);
        Answer read = dma.expect(Command.DMA_READ, A, 8);
        RawCommand info = Commands.getInfo().id(101);
        RawCommand posted =
                Commands.regionWrite(Bits.CONFIG, Bits.INTERRUPT_LINE, (byte) 0x66).noReply();
        RawCommand line = Commands.regionRead(Bits.CONFIG, Bits.INTERRUPT_LINE, 1).id(102);
        RawCommand unknown = RawCommand.of(99).u32(0).id(103);
        peer.send(info, posted, line, unknown);
        dma.give(read, DATA);
        dma.take(dma.expect(Command.DMA_WRITE, B, 8), DATA);
        peer.goodReplyTo(copy(A, B, 8, BY_MESSAGE));
        peer.goodReplyTo(info);
        Difference.checkHex("interrupt line", 0x66, peer.goodReplyTo(line).u8(16));
        peer.refusalOf(unknown, Errno.EINVAL);
    }

    private static void garbled(Peer peer, boolean otherId) {
        TestdevDma dma = start(peer);
        Answer read = dma.expect(Command.DMA_READ, A, 8);
        RawCommand answer = TestdevDma.echo(read);
        if (otherId) {
            answer.id(read.header().messageId() ^ 0x5555).u64(A).u64(8).bytes(DATA);
        }
        peer.send(answer);
        if (otherId) {
            dma.give(read, DATA);
        }
        try {
            Answer first = peer.next();
            if (otherId && first.isCommand()) {
                dma.take(first, DATA);
                peer.goodReplyTo(copy(A, B, 8, BY_MESSAGE));
            } else {
                Difference.check(first.isError(), "an error", first.toString());
            }
            peer.inStep();
        } catch (Difference difference) {
            Difference.check(peer.isClosed(), "an error or the end", difference.seen());
        }
        peer.nextClient().inStep();
    }

    /// Starts a copy of 8 bytes.
    private static TestdevDma start(Peer peer) {
        TestdevDma dma = TestdevDma.of(peer);
        map(peer);
        peer.send(copy(A, B, 8, BY_MESSAGE));
        return dma;
    }

    private static void map(Peer peer) {
        peer.succeeds(Commands.dmaMap(A, SIZE));
        peer.succeeds(Commands.dmaMap(B, SIZE));
    }
}
