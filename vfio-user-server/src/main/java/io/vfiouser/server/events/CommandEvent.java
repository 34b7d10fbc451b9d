package io.vfiouser.server.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/// A command of a client, from its beginning to its reply.
@Name("io.vfiouser.Command")
@Label("vfio-user Command")
@Category("vfio-user")
@Description("A command that took longer than the threshold, from its beginning to its reply")
@Enabled(false)
@Threshold("1 ms")
@StackTrace(false)
public final class CommandEvent extends Event {
    /// Name of the device.
    @Label("Device")
    public String device = "";

    /// Number of the client.
    @Label("Session")
    public long session;

    /// Name of the command.
    @Label("Command")
    public String command = "";

    /// An event that has not begun.
    public CommandEvent() {}
}
