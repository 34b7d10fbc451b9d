package io.vfiouser.trace.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vfiouser.codec.MessageEncoder;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.Command.Direction;
import io.vfiouser.protocol.DeviceReset;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.Request;
import io.vfiouser.server.observe.TappedMessage;
import java.lang.foreign.ValueLayout;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryWatchTest {
    private static final long IOVA = 0x10_0000;
    private static final int SIZE = 8192;

    private final MemoryWatch watch = new MemoryWatch(1 << 20);

    /// What has changed, as the first byte of each page.
    private List<Integer> seen(long session, Request request, FdBundle descriptors) {
        ByteBuf bytes = Unpooled.buffer();
        MessageEncoder.encode(bytes, 1, request, false);
        var pages = new ArrayList<Integer>();
        try (descriptors) {
            watch.changes(
                    new TappedMessage(
                            Instant.EPOCH,
                            session,
                            Direction.CLIENT_TO_SERVER,
                            false,
                            Dialect.CURRENT,
                            bytes,
                            descriptors),
                    (_, page) -> pages.add((int) page.getByte(0)));
        }
        return pages;
    }

    private List<Integer> seen(long session) {
        return seen(session, new DeviceReset(), FdBundle.empty());
    }

    @Test
    void clientsOfAProxyHaveMemoriesOfTheirOwnAtTheSameAddress() {
        try (watch;
                var one = SharedMemory.create("one", SIZE);
                var two = SharedMemory.create("two", SIZE)) {
            var map = new DmaMap(DmaFlags.READ_WRITE, 0, IOVA, SIZE);
            seen(1, map, FdBundle.of(one.duplicate()));
            seen(2, map, FdBundle.of(two.duplicate()));
            one.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 11);
            two.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 22);
            assertThat(seen(2)).containsExactly(22);
            assertThat(seen(1)).containsExactly(11);

            watch.clear(1);
            one.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 12);
            two.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 23);
            assertThat(seen(1)).isEmpty();
            assertThat(seen(2)).containsExactly(23);
        }
    }
}
