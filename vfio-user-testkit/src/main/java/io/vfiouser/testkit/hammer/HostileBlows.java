package io.vfiouser.testkit.hammer;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.client.RawConnection;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.WireFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// What no client should do; the server may close that connection, and must serve the next one.
final class HostileBlows {
    private static final int MOST_GARBAGE = 4096;

    private HostileBlows() {}

    static List<Blow.Weighted> all() {
        return List.of(
                new Blow.Weighted("garbage", 1, HostileBlows::garbage),
                new Blow.Weighted("half message", 1, HostileBlows::halfMessage),
                new Blow.Weighted("odd command", 2, HostileBlows::oddCommand),
                new Blow.Weighted("vanish", 2, HostileBlows::vanish));
    }

    private static void garbage(Anvil anvil, Random random, Tally tally) {
        byte[] bytes = bytes(random, 1 + random.nextInt(MOST_GARBAGE));
        tally.detail(bytes.length + " bytes");
        with(anvil, random.nextBoolean(), connection -> connection.send(bytes));
    }

    private static void halfMessage(Anvil anvil, Random random, Tally tally) {
        byte[] whole = command(random, Command.REGION_WRITE.id(), 64);
        byte[] half = Arrays.copyOf(whole, 1 + random.nextInt(whole.length - 1));
        tally.detail(half.length + " of " + whole.length + " bytes");
        with(anvil, true, connection -> connection.send(half));
    }

    private static void oddCommand(Anvil anvil, Random random, Tally tally) {
        int id = random.nextInt(24);
        byte[] message = command(random, id, random.nextInt(96));
        int descriptors = random.nextInt(4);
        tally.detail(
                "command %d, %d bytes, %d eventfds".formatted(id, message.length, descriptors));
        with(anvil, true, connection -> connection.send(message, eventFds(descriptors)));
    }

    private static void vanish(Anvil anvil, Random random, Tally tally) {
        for (int left = random.nextInt(16); left >= 0; left--) {
            var _ = anvil.client().async().regionRead(anvil.anyRegion(random), 0, 4);
        }
        anvil.reconnect();
    }

    /// Something done with a bare connection.
    private interface Bare {
        void run(RawConnection connection);
    }

    private static void with(Anvil anvil, boolean negotiated, Bare bare) {
        anvil.leave();
        try (var connection = RawConnection.connect(anvil.socket(), anvil.options())) {
            if (negotiated) {
                connection.negotiate();
            }
            bare.run(connection);
        } finally {
            anvil.reconnect();
        }
    }

    private static byte[] command(Random random, int id, int payload) {
        byte[] message = bytes(random, WireFormat.HEADER_SIZE + payload);
        ByteBuffer.wrap(message)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) 1)
                .putShort((short) id)
                .putInt(message.length)
                .putInt(WireFormat.TYPE_COMMAND)
                .putInt(0);
        return message;
    }

    private static byte[] bytes(Random random, int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private static FdBundle eventFds(int count) {
        var descriptors = new ArrayList<FileDescriptor>();
        for (int i = 0; i < count; i++) {
            try (EventFd eventFd = EventFd.create()) {
                descriptors.add(Descriptors.duplicate(eventFd.fd()));
            }
        }
        return FdBundle.ofOwned(descriptors);
    }
}
