package io.vfiouser.server.events;

import jdk.jfr.FlightRecorder;

/// Whether events are worth making.
public final class FlightRecording {
    private FlightRecording() {}

    /// Whether a flight recording was ever begun in this process. Until then the classes of events
    /// are better not touched: the JVM takes 100 ms and more to load the first one, which would be
    /// the first client's time. From any thread.
    public static boolean wasBegun() {
        return FlightRecorder.isInitialized();
    }
}
