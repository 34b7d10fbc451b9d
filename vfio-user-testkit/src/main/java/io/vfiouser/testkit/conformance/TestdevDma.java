package io.vfiouser.testkit.conformance;

import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Command;
import java.util.Arrays;

/// The DMA engine of the device `testdev`, and the client's part of what it does by messages.
final class TestdevDma {
    static final long BY_MESSAGE = 1;
    private static final long DIRECT = 0;
    private static final int BELL_PAGE = 2;
    private static final int ENGINE = 0x08;
    private static final int FIXED = 16;

    private final Peer peer;

    private TestdevDma(Peer peer) {
        this.peer = peer;
    }

    static TestdevDma of(Peer peer) {
        NotApplicableException.unless(peer.target().isTestdev(), "needs the device testdev");
        return new TestdevDma(peer);
    }

    /// The register write that starts a copy.
    static RawCommand copy(long source, long destination, long length, long flags) {
        return RawCommand.of(Command.REGION_WRITE)
                .u64(ENGINE)
                .u32(BELL_PAGE)
                .u32(32)
                .u64(source)
                .u64(destination)
                .u64(length)
                .u64(flags);
    }

    /// Copies directly and expects no message in between.
    void copies(long source, long destination, long length) {
        RawCommand copy = copy(source, destination, length, DIRECT);
        peer.send(copy);
        Answer reply = peer.next();
        Difference.check(!reply.isCommand(), "a reply, no command", reply.toString());
        Difference.check(!reply.isError(), "a good reply", reply.toString());
        Difference.check("command", copy.command(), reply.header().commandId());
    }

    /// Expects a copy to be refused without a message.
    void refuses(long source, long destination, long length, Errno errno) {
        peer.refuses(copy(source, destination, length, DIRECT), errno);
    }

    /// Waits for a command of the server and checks its form.
    ///
    /// @return the command, to be answered
    Answer expect(Command command, long address, int count) {
        Answer request = peer.next();
        Difference.check(request.isCommand(), "a " + command, request.toString());
        Difference.check("command", command.id(), request.header().commandId());
        Difference.checkHex("address", address, request.u64(0));
        Difference.check("count", (long) count, request.u64(8));
        request.checkLength(command == Command.DMA_READ ? FIXED : FIXED + count);
        Difference.check("descriptors", 0, request.descriptors().count());
        return request;
    }

    /// Answers a DMA_READ.
    void give(Answer read, byte... data) {
        peer.send(echo(read).u64(read.u64(0)).u64(data.length).bytes(data));
    }

    /// Answers a DMA_WRITE, whose data must be these.
    void take(Answer write, byte... data) {
        byte[] seen = write.bytesFrom(FIXED);
        Difference.check(
                Arrays.equals(data, seen),
                "data " + Arrays.toString(data),
                "data " + Arrays.toString(seen));
        peer.send(echo(write).u64(write.u64(0)).u64(data.length));
    }

    /// A good reply without a payload yet.
    static RawCommand echo(Answer request) {
        return RawCommand.of(request.header().commandId())
                .id(request.header().messageId())
                .headerFlags(1);
    }
}
