package io.vfiouser.server.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/// A client, from negotiation until everything of it is released.
@Name("io.vfiouser.Session")
@Label("vfio-user Session")
@Category("vfio-user")
@Description("A client of a device, from its negotiation until everything of it is released")
@Enabled(false)
@StackTrace(false)
public final class SessionEvent extends Event {
    /// Name of the device.
    @Label("Device")
    public String device = "";

    /// Number of the client.
    @Label("Session")
    public long session;

    /// Why it ended.
    @Label("Reason")
    public String reason = "";

    /// An event that has not begun.
    public SessionEvent() {}
}
