package io.vfiouser.server;

import io.vfiouser.os.Errno;
import io.vfiouser.protocol.MigrationState;
import io.vfiouser.server.observe.ServerListener;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Several listeners as one; what one of them throws does not keep the others from hearing.
final class Listeners implements ServerListener {
    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

    private final List<ServerListener> all = new CopyOnWriteArrayList<>();

    Listeners(ServerListener first) {
        all.add(first);
    }

    void add(ServerListener listener) {
        all.add(listener);
    }

    void remove(ServerListener listener) {
        all.remove(listener);
    }

    @Override
    public void deviceServed(String device) {
        each(l -> l.deviceServed(device));
    }

    @Override
    public void deviceClosed(String device) {
        each(l -> l.deviceClosed(device));
    }

    @Override
    public void clientAttached(String device, long session) {
        each(l -> l.clientAttached(device, session));
    }

    @Override
    public void clientDetached(String device, long session, String reason) {
        each(l -> l.clientDetached(device, session, reason));
    }

    @Override
    public void connectionRefused(String device, String reason) {
        each(l -> l.connectionRefused(device, reason));
    }

    @Override
    public void requestRefused(String device, long session, Errno errno, String message) {
        each(l -> l.requestRefused(device, session, errno, message));
    }

    @Override
    public void migrationStateChanged(String device, MigrationState from, MigrationState to) {
        each(l -> l.migrationStateChanged(device, from, to));
    }

    @Override
    public void deviceFailed(String device, Throwable cause) {
        each(l -> l.deviceFailed(device, cause));
    }

    @Override
    public void loopHeld(String device, Duration held, List<StackTraceElement> stack) {
        each(l -> l.loopHeld(device, held, stack));
    }

    @Override
    public void deviceGivenUp(String device, String reason) {
        each(l -> l.deviceGivenUp(device, reason));
    }

    private void each(Consumer<ServerListener> event) {
        for (ServerListener listener : all) {
            try {
                event.accept(listener);
            } catch (RuntimeException e) {
                LOG.warn("listener threw", e);
            }
        }
    }
}
