package io.vfiouser.testkit.conformance;

import io.vfiouser.os.Errno;
import io.vfiouser.protocol.MigrationState;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/// A device that can migrate, seen by the client.
final class Migration {
    static final int GET = 0x1_0000;
    static final int SET = 0x2_0000;
    static final int PROBE = 0x4_0000;
    static final int ABILITIES = 1;
    static final int STATE = 2;

    private static final int PRE_COPY_FLAG = 4;
    private static final int MAX_READ = 64 << 10;

    /// More than any device of these tests has to say.
    private static final int MAX_STREAM = 256 << 20;

    private final Peer peer;

    private Migration(Peer peer) {
        this.peer = peer;
    }

    static Migration of(Peer peer) {
        NotApplicableException.unless(
                peer.serverCapabilities().migration().supported(), "the device cannot migrate");
        return new Migration(peer);
    }

    /// A feature command with a state as its data.
    static RawCommand setState(int state) {
        return Commands.feature(SET | STATE, 16).u32(state).u32(0);
    }

    boolean hasPreCopy() {
        return (abilities() & PRE_COPY_FLAG) != 0;
    }

    long abilities() {
        return peer.succeeds(Commands.feature(GET | ABILITIES, 16)).u64(8);
    }

    void enter(MigrationState... states) {
        for (MigrationState state : states) {
            peer.succeeds(setState(state.number()));
            expect(state);
        }
    }

    void refuses(int state) {
        peer.refuses(setState(state), Errno.EINVAL);
    }

    void expect(MigrationState state) {
        Answer reply = peer.succeeds(Commands.feature(GET | STATE, 16));
        reply.checkLength(16);
        Difference.check("state", (long) state.number(), reply.u32(8));
    }

    /// Reads the stream to its end.
    byte[] save() {
        var stream = new ByteArrayOutputStream();
        while (stream.size() < MAX_STREAM) {
            Answer reply = peer.succeeds(Commands.migDataRead(8L + MAX_READ, MAX_READ));
            int size = (int) reply.u32(4);
            Difference.check(
                    size >= 0 && size <= MAX_READ && size <= reply.payloadLength() - 8,
                    "at most the size asked for",
                    "size " + size + " in " + reply);
            if (size == 0) {
                return stream.toByteArray();
            }
            stream.writeBytes(Arrays.copyOf(reply.bytesFrom(8), size));
        }
        throw new Difference("the end of the stream", "more than " + MAX_STREAM + " bytes");
    }

    /// Writes a stream in pieces.
    void load(byte[] stream, int piece) {
        for (int at = 0; at < stream.length; at += piece) {
            byte[] data = Arrays.copyOfRange(stream, at, Math.min(stream.length, at + piece));
            peer.succeeds(Commands.migDataWrite(8L + data.length, data.length, data))
                    .checkLength(0);
        }
    }
}
