package io.vfiouser.server.events;

import java.time.Duration;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/// Code of a device that holds its event loop, as the watchdog found it.
@Name("io.vfiouser.LoopHeld")
@Label("vfio-user Loop Held")
@Category("vfio-user")
@Description(
        "Code of a device has held its event loop for longer than callbackTime, and still does")
@Enabled(false)
@StackTrace(false)
public final class LoopHeldEvent extends Event {
    /// Name of the device.
    @Label("Device")
    public String device = "";

    /// For how long until now.
    @Label("Held")
    @Timespan(Timespan.NANOSECONDS)
    public long held;

    /// Where the loop's thread is, innermost call first, a line each.
    @Label("Stack of the Loop")
    public String stack = "";

    /// An event that has not begun.
    public LoopHeldEvent() {}

    /// Makes the event, if a recording wants it; after [FlightRecording#wasBegun].
    public static void record(String device, Duration held, StackTraceElement... stack) {
        var event = new LoopHeldEvent();
        if (event.isEnabled()) {
            event.device = device;
            event.held = held.toNanos();
            event.stack = StackText.of(stack, stack.length);
            event.commit();
        }
    }
}
