package io.vfiouser.examples.console;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.devices.serial.SerialBackend;
import io.vfiouser.devices.serial.SerialPort;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The other end of a serial cable: all pages that are open. Each shows what the guest sends, and
/// types to it. May be used from any thread.
///
/// The guest never waits for a page: one that does not keep up is closed, comes back by itself, and
/// gets the last 64 KiB again. Pages do wait for the guest: while it has not taken what was typed,
/// nothing more is read from that page.
final class WebConsole implements SerialBackend {
    private static final int SCROLLBACK = 64 << 10;

    private final Scrollback scrollback = new Scrollback(SCROLLBACK);
    private final Set<Channel> pages = new LinkedHashSet<>();
    private final ArrayDeque<Typed> typed = new ArrayDeque<>();
    private @Nullable SerialPort port;
    private boolean giving;

    private record Typed(Channel page, ByteBuffer bytes) {}

    @Override
    public synchronized void open(SerialPort port) {
        this.port = port;
    }

    /// A page is there: it gets what the guest has sent lately.
    synchronized void join(Channel page) {
        pages.add(page);
        var _ = page.writeAndFlush(frame(scrollback.contents()));
        carrier();
    }

    /// A page has gone.
    synchronized void leave(Channel page) {
        pages.remove(page);
        carrier();
    }

    /// Somebody has typed.
    void type(Channel page, ByteBuf text) {
        byte[] bytes = new byte[text.readableBytes()];
        text.readBytes(bytes);
        if (bytes.length == 0) {
            return;
        }
        page.config().setAutoRead(false);
        synchronized (this) {
            typed.add(new Typed(page, ByteBuffer.wrap(bytes)));
        }
        give();
    }

    @Override
    public synchronized Completion transmit(ByteBuffer bytes) {
        byte[] sent = new byte[bytes.remaining()];
        bytes.get(sent);
        scrollback.add(sent);
        for (Channel page : pages) {
            if (page.isWritable()) {
                var _ = page.writeAndFlush(frame(sent));
            } else {
                var _ = page.close();
            }
        }
        return Completion.DONE;
    }

    @Override
    public synchronized void close() {
        for (Channel page : pages) {
            var _ = page.close();
        }
    }

    /// Gives the guest what was typed, one piece at a time.
    private void give() {
        Typed next;
        SerialPort to;
        synchronized (this) {
            to = port;
            if (giving || typed.isEmpty() || to == null) {
                return;
            }
            next = typed.remove();
            giving = true;
        }
        to.receive(next.bytes())
                .whenComplete((_, _) -> {
                    synchronized (this) {
                        giving = false;
                    }
                    next.page().config().setAutoRead(true);
                    give();
                });
    }

    private void carrier() {
        if (port != null) {
            port.carrier(!pages.isEmpty());
        }
    }

    private static BinaryWebSocketFrame frame(byte[] bytes) {
        return new BinaryWebSocketFrame(Unpooled.wrappedBuffer(bytes));
    }
}
