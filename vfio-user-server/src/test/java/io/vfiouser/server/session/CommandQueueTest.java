package io.vfiouser.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.options.Limits;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoDescriptorLeaks.class)
class CommandQueueTest {
    @Test
    void isFullOfDescriptorsAtTheirLimitAndHasRoomAtHalfOfIt() {
        var queue = new CommandQueue(Limits.defaults().with(Limit.MAX_QUEUED_DESCRIPTORS, 2));
        add(queue, true);
        add(queue, false);
        assertThat(queue.isFull()).isFalse();
        add(queue, true);
        assertThat(queue.isFull()).isTrue();
        assertThat(queue.hasRoomAgain()).isFalse();

        Objects.requireNonNull(queue.poll(), "the first").drop();
        assertThat(queue.hasRoomAgain()).isTrue();
        queue.clear();
        assertThat(queue.isEmpty()).isTrue();
    }

    private static void add(CommandQueue queue, boolean withDescriptor) {
        var frame = Unpooled.buffer(16).writeZero(16);
        queue.add(frame, withDescriptor ? FdBundle.of(eventFd()) : FdBundle.empty());
        frame.release();
    }

    private static FileDescriptor eventFd() {
        try (var eventFd = EventFd.create()) {
            return Descriptors.duplicate(eventFd.fd());
        }
    }
}
