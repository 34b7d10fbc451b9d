package io.vfiouser.server.observe;

/// What was counted of one command.
///
/// @param name as in the specification, such as `REGION_READ`, or [#UNKNOWN]
/// @param count how many came
/// @param errors how many of them were answered with an error, or would have been
/// @param latency how long they took, from their beginning until the reply is there; of about each
///   sixteenth short access and of all others
public record CommandStats(String name, long count, long errors, LatencyStats latency) {
    /// The name of all commands that have none.
    public static final String UNKNOWN = "unknown";
}
