package io.vfiouser.testkit.junit;

/// What happened to a device before a test failed, suppressed in that failure: build tools print
/// failures, and not all of them print report entries.
final class LastEvents extends Exception {
    private static final long serialVersionUID = 1L;

    /// @param device its name
    /// @param lines one for each event
    LastEvents(String device, String lines) {
        super(
                device + ", what happened last:\n" + lines.indent(2).stripTrailing(),
                null,
                false,
                false);
    }
}
