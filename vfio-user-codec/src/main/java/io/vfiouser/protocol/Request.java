package io.vfiouser.protocol;

/// A message that asks for something.
public sealed interface Request extends Message permits ClientRequest, ServerRequest {
    /// The number of the command on the wire, 0 to 0xffff.
    int commandId();
}
