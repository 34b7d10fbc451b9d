package io.vfiouser.client.memory;

import io.vfiouser.os.Errno;

/// Answers a server that reads or writes client memory by messages.
///
/// [ClientMemory] is the usual one. A test can do otherwise: keep the [DmaCall] and answer later
/// from any thread, refuse it, answer short, twice, with other bytes, or never.
@FunctionalInterface
public interface DmaResponder {
    /// Takes a command of the server. Called on the client's loop, so it must not block; an
    /// exception thrown here is logged and answered with EIO.
    void handle(DmaCall call);

    /// Refuses everything with `errno`.
    static DmaResponder refusing(Errno errno) {
        return call -> call.refuse(errno);
    }
}
