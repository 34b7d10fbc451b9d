package io.vfiouser.server.events;

import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

    /// Makes the event, if a recording wants it.
    public static void record(String device, Duration held, StackTraceElement... stack) {
        var event = new LoopHeldEvent();
        if (event.isEnabled()) {
            event.device = device;
            event.held = held.toNanos();
            event.stack = text(stack, stack.length);
            event.commit();
        }
    }

    /// The first calls of a stack, a line each.
    public static String text(StackTraceElement[] stack, int most) {
        return Stream.of(stack)
                .limit(most)
                .map(call -> System.lineSeparator() + "\t" + call)
                .collect(Collectors.joining());
    }
}
