package io.vfiouser.server;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.SocketRole;
import io.vfiouser.server.image.ImageException;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import io.vfiouser.server.options.Endpoint;
import java.nio.file.Path;
import java.util.Optional;

/// Where the clients of a device come from that goes on in another process.
///
/// @param path of the socket, if the server made it and removes it in the end
/// @param listening the socket, owned; none if the one client came connected
record SourceImage(Optional<Path> path, Optional<FileDescriptor> listening) {
    /// Writes it.
    static void save(ImageWriter out, Endpoint endpoint, Optional<FileDescriptor> listening) {
        out.flag(listening.isPresent());
        listening.ifPresent(out::descriptor);
        boolean ours = endpoint instanceof Endpoint.AtPath;
        out.flag(ours);
        if (endpoint instanceof Endpoint.AtPath at) {
            out.text(at.path().toAbsolutePath().toString());
        }
    }

    /// Reads what [#save] wrote.
    static SourceImage read(ImageReader in) {
        Optional<FileDescriptor> socket =
                in.flag() ? Optional.of(in.descriptor()) : Optional.empty();
        return new SourceImage(
                in.flag() ? Optional.of(Path.of(in.text())) : Optional.empty(), socket);
    }

    /// As an endpoint.
    ///
    /// @param client the one client's socket, if there is one
    Endpoint endpoint(Optional<FileDescriptor> client) {
        if (path.isPresent()) {
            return Endpoint.at(path.orElseThrow());
        }
        if (listening.isPresent()) {
            return new Endpoint.Inherited(listening.orElseThrow(), SocketRole.LISTENING);
        }
        return new Endpoint.Inherited(
                client.orElseThrow(() ->
                        new ImageException("client: gone (expected: the one that came connected)")),
                SocketRole.CONNECTED);
    }
}
