package io.vfiouser.protocol;

/// A command that a client may not send, kept so that it can be refused.
///
/// @param commandId the number as it came, 0 to 0xffff; also that of a command of the server
public record UnknownRequest(int commandId) implements ClientRequest {
    /// Checks that the number fits its place.
    public UnknownRequest {
        Checks.u16("commandId", commandId);
    }
}
