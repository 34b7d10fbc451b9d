package io.vfiouser.server.options;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.Platform;
import io.vfiouser.os.SocketRole;
import io.vfiouser.transport.SocketPermissions;
import java.nio.file.Path;
import java.util.Objects;

/// Where clients reach a device.
public sealed interface Endpoint {
    /// A socket that the server makes at a path and removes in the end.
    static AtPath at(Path path) {
        return new AtPath(path, SocketPermissions.DEFAULT);
    }

    /// A socket that somebody handed to this process, such as systemd or the parent process.
    ///
    /// @param socket a UNIX stream socket that listens, or is connected to the one client that the
    ///   device will have; the server's from `serve` on, made non-blocking, closed in the end
    /// @throws IllegalArgumentException saying what it is, if it is anything else
    static Inherited inherited(FileDescriptor socket) {
        return new Inherited(socket, SocketRole.of(socket));
    }

    /// As [#inherited(FileDescriptor)], by the number of the descriptor.
    ///
    /// @param descriptor 0 or more
    static Inherited inherited(int descriptor) {
        Platform.ensureSupported();
        return inherited(new FileDescriptor(descriptor));
    }

    /// A socket at a path.
    ///
    /// @param path a stale socket there is replaced; at most 107 bytes long
    /// @param permissions owner, group and mode of its file
    record AtPath(Path path, SocketPermissions permissions) implements Endpoint {
        /// Checks for presence.
        public AtPath {
            Objects.requireNonNull(path, "path");
            Objects.requireNonNull(permissions, "permissions");
        }

        /// The same path with other permissions.
        public AtPath withPermissions(SocketPermissions those) {
            return new AtPath(path, those);
        }

        @Override
        public String toString() {
            return path.toString();
        }
    }

    /// A socket from elsewhere; its file, if it has one, is not touched.
    ///
    /// @param socket made by [Endpoint#inherited]
    /// @param role what it is there for
    record Inherited(FileDescriptor socket, SocketRole role) implements Endpoint {
        @Override
        public String toString() {
            return "fd " + socket.intValue();
        }
    }
}
