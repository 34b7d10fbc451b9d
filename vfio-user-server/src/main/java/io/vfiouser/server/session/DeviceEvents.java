package io.vfiouser.server.session;

import io.vfiouser.device.LayoutNote;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.MigrationState;
import io.vfiouser.server.events.FlightRecording;
import io.vfiouser.server.events.LoopHeldEvent;
import io.vfiouser.server.events.SessionEvent;
import io.vfiouser.server.events.StackText;
import io.vfiouser.server.observe.ServerListener;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.options.Limits;
import io.vfiouser.server.stats.DeviceCounters;
import io.vfiouser.server.tap.MessageTaps;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// What happens to one device and its clients, told to all who want to know: counters, log,
/// listener, taps and flight recorder. A listener that throws harms nobody.
final class DeviceEvents {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceHost.class);

    /// Calls of a held loop's stack in the log; the listener gets all.
    private static final int MAX_STACK = 40;

    private final String name;
    private final DeviceCounters counters;
    private final ServerDialect dialect;
    private final MessageTaps taps;
    private final ServerListener listener;
    private final ClientLog clientLog;

    DeviceEvents(
            String name,
            DeviceCounters counters,
            Limits limits,
            ServerDialect dialect,
            MessageTaps taps,
            ServerListener listener) {
        this.name = name;
        this.counters = counters;
        this.dialect = dialect;
        this.taps = taps;
        this.listener = listener;
        this.clientLog =
                new ClientLog(
                        LOG, name, limits.count(Limit.MAX_LOG_LINES_PER_SECOND), System::nanoTime);
    }

    /// Takes what is worth a line of the log and what a client can cause.
    ClientLog clientLog() {
        return clientLog;
    }

    /// Something about the layout that its author may not have meant.
    void note(LayoutNote note) {
        LOG.atLevel(note.topic().isRisk() ? Level.WARN : Level.INFO)
                .log("[{}] layout: {}", name, note.text());
    }

    void connectionRefused(String reason) {
        counters.connectionRefused();
        clientLog.line(Level.WARN, "[{}] connection refused: {}", name, reason);
        tell(l -> l.connectionRefused(name, reason));
    }

    /// A client has negotiated.
    ///
    /// @return ends with the session; nothing if there is no flight recording yet
    Optional<SessionEvent> clientAttached(Session session) {
        counters.sessionBegan();
        tell(l -> l.clientAttached(name, session.number()));
        clientLog.line(Level.INFO, "{} client attached", session);
        if (!FlightRecording.wasBegun()) {
            return Optional.empty();
        }
        var event = new SessionEvent();
        event.begin();
        return Optional.of(event);
    }

    /// A client is gone and everything of it released.
    void clientGone(Session session, Attachment attachment) {
        clientTaken(session, attachment, session.endReason());
        clientLog.line(Level.INFO, "{} client gone: {}", session, session.endReason());
    }

    /// A client goes on in another process.
    void clientTaken(Session session, Attachment attachment, String reason) {
        if (FlightRecording.wasBegun()) {
            // One that began before the recording has no duration.
            record(session, attachment.event().orElseGet(SessionEvent::new));
        }
        tell(l -> l.clientDetached(name, session.number(), reason));
    }

    private void record(Session session, SessionEvent event) {
        event.end();
        if (event.shouldCommit()) {
            event.device = name;
            event.session = session.number();
            event.reason = session.endReason();
            event.commit();
        }
    }

    void asksToLeave(Session session, Duration grace, boolean heard) {
        clientLog.line(
                Level.INFO,
                "{} the client has {} to leave{}",
                session,
                grace,
                heard ? "" : "; it does not listen to REQ");
    }

    /// A command of the client ends with an error.
    void refused(Session session, int messageId, int command, Errno errno, String message) {
        counters.error(command);
        LOG.debug(
                "{} {} id=0x{}: {} {}",
                session,
                dialect.commandName(command),
                Integer.toHexString(messageId),
                errno,
                message);
        tell(l -> l.requestRefused(name, session.number(), errno, message));
    }

    void migrationStateChanged(MigrationState from, MigrationState to) {
        clientLog.line(Level.INFO, "[{}] migration state {}, was {}", name, to, from);
        tell(l -> l.migrationStateChanged(name, from, to));
    }

    void deviceFailed(String where, Throwable cause) {
        counters.deviceFailed();
        clientLog.line(Level.ERROR, "[{}] {}: the device threw", name, where, cause);
        tell(l -> l.deviceFailed(name, cause));
    }

    void givenUp(String reason) {
        counters.givenUp();
        clientLog.line(Level.ERROR, "[{}] given up: {}", name, reason);
        tell(l -> l.deviceGivenUp(name, reason));
    }

    void heldLoop(Duration held, StackTraceElement[] stack) {
        counters.heldLoop();
        if (FlightRecording.wasBegun()) {
            LoopHeldEvent.record(name, held, stack);
        }
        clientLog.line(
                Level.WARN,
                "[{}] holds its event loop for {} ms (expected: at most callbackTime), at{}",
                name,
                held.toMillis(),
                StackText.of(stack, MAX_STACK));
        tell(l -> l.loopHeld(name, held, List.of(stack)));
    }

    /// Is told of each interrupt of a type that reaches the client.
    IntConsumer signalled(Session session, IrqIndex index) {
        LongAdder count = counters.interrupts(index);
        return vector -> {
            count.increment();
            taps.interrupt(session.number(), index, vector);
        };
    }

    private void tell(Consumer<ServerListener> event) {
        try {
            event.accept(listener);
        } catch (Throwable thrown) {
            clientLog.line(Level.WARN, "[{}] listener threw", name, thrown);
        }
    }
}
