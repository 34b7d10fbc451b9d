package io.vfiouser.protocol;

import java.util.Objects;

/// Opens a session: version and limits of the client (spec: "VFIO_USER_VERSION").
///
/// | field        | offset | bytes |
/// |--------------|--------|-------|
/// | major        | 0      | 2     |
/// | minor        | 2      | 2     |
/// | capabilities | 4      | JSON text, then one NUL byte; may be missing |
///
/// @param major major version, 0 to 65535; [WireFormat#MAJOR_VERSION] today
/// @param minor highest minor version of the client, 0 to 65535
/// @param capabilities limits of the client; [Capabilities#DEFAULTS] if it sent none
public record Version(int major, int minor, Capabilities capabilities) implements ClientRequest {
    /// Checks that the versions fit their places.
    public Version {
        Checks.u16("major", major);
        Checks.u16("minor", minor);
        Objects.requireNonNull(capabilities, "capabilities");
    }

    @Override
    public int commandId() {
        return Command.VERSION.id();
    }

    /// Version and limits of the session, as the server settled them; same layout.
    ///
    /// @param major major version, that of the client
    /// @param minor the lower of both minor versions
    /// @param capabilities limits of the server
    public record Reply(int major, int minor, Capabilities capabilities) implements ServerReply {
        /// Checks that the versions fit their places.
        public Reply {
            Checks.u16("major", major);
            Checks.u16("minor", minor);
            Objects.requireNonNull(capabilities, "capabilities");
        }
    }
}
