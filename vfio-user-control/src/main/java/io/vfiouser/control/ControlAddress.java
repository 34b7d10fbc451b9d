package io.vfiouser.control;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Where a control server listens: a UNIX socket, or a port of this host that no other host
/// reaches.
public sealed interface ControlAddress {
    /// How addresses are written.
    String EXPECTED = "unix:PATH or 127.0.0.1:PORT";

    /// A UNIX socket. Its file is made for its owner alone.
    ///
    /// @param path of the socket file
    record Unix(Path path) implements ControlAddress {
        /// Checks that there is a path.
        public Unix {
            Objects.requireNonNull(path, "path");
        }

        @Override
        public String toString() {
            return "unix:" + path;
        }
    }

    /// A port on 127.0.0.1.
    ///
    /// @param port 0 to 65535; 0 for one that is free
    record Loopback(int port) implements ControlAddress {
        /// Checks the port.
        public Loopback {
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("port: " + port + " (expected: 0 to 65535)");
            }
        }

        @Override
        public String toString() {
            return "127.0.0.1:" + port;
        }
    }

    /// The address that `text` says.
    ///
    /// @throws IllegalArgumentException for anything that is not as [#EXPECTED] says
    static ControlAddress parse(String text) {
        if (text.startsWith("unix:") && text.length() > 5) {
            return new Unix(Path.of(text.substring(5)));
        }
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        if (host.equals("127.0.0.1") || host.equals("localhost")) {
            try {
                return new Loopback(Integer.parseInt(text.substring(colon + 1)));
            } catch (NumberFormatException e) {
                throw refused(text, e);
            }
        }
        throw refused(text, null);
    }

    /// For the socket calls of the JDK and of Netty's NIO transport.
    default SocketAddress socketAddress() {
        return switch (this) {
            case Unix(Path path) -> UnixDomainSocketAddress.of(path);
            case Loopback(int port) ->
                    new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
        };
    }

    private static IllegalArgumentException refused(String text, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "control address: " + text + " (expected: " + EXPECTED + ")", cause);
    }
}
