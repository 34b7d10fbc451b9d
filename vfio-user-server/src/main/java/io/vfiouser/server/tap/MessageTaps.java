package io.vfiouser.server.tap;

import io.netty.buffer.ByteBuf;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.Command.Direction;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.server.observe.MessageTap;
import io.vfiouser.server.observe.TappedMessage;
import io.vfiouser.server.observe.Tapping;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The taps of one device. Put on and taken off from any thread; told of messages on the loop.
///
/// Without taps a message costs the look at one field.
public final class MessageTaps {
    private static final Logger LOG = LoggerFactory.getLogger(MessageTaps.class);

    private final String device;
    private final Dialect dialect;
    private volatile @Nullable List<Entry> taps;

    /// No taps so far.
    ///
    /// @param device for the log
    /// @param dialect what the device's clients speak
    public MessageTaps(String device, Dialect dialect) {
        this.device = device;
        this.dialect = dialect;
    }

    /// Puts one more tap on.
    public Tapping add(MessageTap tap) {
        var entry = new Entry(tap);
        synchronized (this) {
            var more = new ArrayList<Entry>(current());
            more.add(entry);
            taps = List.copyOf(more);
        }
        return entry;
    }

    /// Tells that an interrupt was signalled. From any thread.
    public void interrupt(long session, IrqIndex index, int vector) {
        if (areOn()) {
            tell(tap -> tap.interrupt(session, index, vector));
        }
    }

    /// Tells that a client's connection is gone.
    public void sessionEnded(long session, String reason) {
        tell(tap -> tap.sessionEnded(session, reason));
    }

    boolean areOn() {
        return taps != null;
    }

    void tell(
            long session, Direction direction, boolean twin, ByteBuf bytes, FdBundle descriptors) {
        var message =
                new TappedMessage(
                        Instant.now(), session, direction, twin, dialect, bytes, descriptors);
        tell(tap -> tap.message(message));
    }

    private void tell(Consumer<MessageTap> news) {
        for (Entry entry : current()) {
            try {
                news.accept(entry.tap);
            } catch (RuntimeException e) {
                LOG.warn("[{}] a tap threw, and is taken off", device, e);
                entry.close();
            }
        }
    }

    private List<Entry> current() {
        List<Entry> now = taps;
        return now == null ? List.of() : now;
    }

    private synchronized void remove(Entry entry) {
        var fewer = new ArrayList<Entry>(current());
        fewer.remove(entry);
        taps = fewer.isEmpty() ? null : List.copyOf(fewer);
    }

    private final class Entry implements Tapping {
        private final MessageTap tap;

        Entry(MessageTap tap) {
            this.tap = tap;
        }

        @Override
        public void close() {
            remove(this);
        }
    }
}
