package io.vfiouser.trace.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.UnixSockets;
import io.vfiouser.transport.EventLoops;
import io.vfiouser.transport.VfioUserChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WireEndTest {
    private static final WireEnd.Listener NOBODY =
            new WireEnd.Listener() {
                @Override
                public void message(ByteBuf bytes, FdBundle descriptors) {
                    descriptors.close();
                }

                @Override
                public void ended(String reason) {}
            };

    @Test
    void descriptorsForAPeerThatDoesNotReadDoNotPileUp() throws Exception {
        var loops = EventLoops.of(1).named("wire-test").daemon(true).start();
        FileDescriptor[] pair = UnixSockets.pair();
        EventLoop loop = loops.next();
        var channel = new VfioUserChannel(pair[0]);
        channel.config().setSendBufferSize(4096);
        var end = new WireEnd(channel, NOBODY);
        try (var event = EventFd.create()) {
            loop.register(channel).sync();
            int sent =
                    loop.submit(
                                    () -> {
                                        int count = 0;
                                        while (end.hasRoom() && count < 1000) {
                                            FdBundle one =
                                                    FdBundle.of(Descriptors.duplicate(event.fd()));
                                            end.send(Unpooled.directBuffer().writeZero(16), one);
                                            count++;
                                        }
                                        return count;
                                    })
                            .get();
            assertThat(sent).isBetween(2, 100);
        } finally {
            channel.close().sync();
            Descriptors.close(pair[1]);
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
        }
    }
}
