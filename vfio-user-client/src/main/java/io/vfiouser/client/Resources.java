package io.vfiouser.client;

import java.util.ArrayList;
import java.util.List;

/// What a client has open besides its connection (mappings, eventfds), to be closed with it.
final class Resources implements AutoCloseable {
    private final List<Runnable> closings = new ArrayList<>();
    private boolean closed;

    /// Keeps something to be closed at the end; closes it at once if the end was before.
    synchronized void add(Runnable closing) {
        if (closed) {
            closing.run();
        } else {
            closings.add(closing);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        closings.forEach(Runnable::run);
        closings.clear();
    }
}
