package io.vfiouser.filters;

import java.util.ArrayDeque;
import java.util.List;

/// Keeps the last things that passed, for a test that has failed or a page that shows them.
public final class TraceRecorder extends TracingFilter {
    private final int capacity;
    private final ArrayDeque<TraceEvent> events;

    /// Remembers the last `capacity` events.
    ///
    /// @param capacity at least 1
    public TraceRecorder(int capacity) {
        super("trace");
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity: " + capacity + " (expected: at least 1)");
        }
        this.capacity = capacity;
        this.events = new ArrayDeque<>(Math.min(capacity, 1024));
    }

    /// What happened, oldest first. From any thread.
    public List<TraceEvent> events() {
        synchronized (events) {
            return List.copyOf(events);
        }
    }

    /// Only the accesses of [#events()].
    public List<TraceEvent.Access> accesses() {
        return events().stream()
                .filter(TraceEvent.Access.class::isInstance)
                .map(TraceEvent.Access.class::cast)
                .toList();
    }

    /// Only the interrupts of [#events()].
    public List<TraceEvent.Interrupt> interrupts() {
        return events().stream()
                .filter(TraceEvent.Interrupt.class::isInstance)
                .map(TraceEvent.Interrupt.class::cast)
                .toList();
    }

    /// Forgets what happened. From any thread.
    public void clear() {
        synchronized (events) {
            events.clear();
        }
    }

    @Override
    void happened(TraceEvent event) {
        synchronized (events) {
            if (events.size() == capacity) {
                events.removeFirst();
            }
            events.addLast(event);
        }
    }
}
