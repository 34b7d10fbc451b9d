package io.vfiouser.devices.serial.stream;

import io.vfiouser.devices.serial.SerialBackend;
import io.vfiouser.devices.serial.SerialBackendProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Wires a port to whoever connects by TCP, by the name `tcp`: plain bytes, no telnet. There is no
/// login but the guest's own, so listen on a loopback address unless the network is yours.
public final class TcpBackendProvider implements SerialBackendProvider<TcpBackendSettings> {
    private static final Logger LOG = LoggerFactory.getLogger(TcpBackendProvider.class);
    private static final Pattern ADDRESS = Pattern.compile("\\[?(.+?)]?:(\\d{1,5})");

    /// For `ServiceLoader`.
    public TcpBackendProvider() {}

    @Override
    public String name() {
        return "tcp";
    }

    @Override
    public String description() {
        return "whoever connects by TCP";
    }

    @Override
    public TcpBackendSettings defaults() {
        return new TcpBackendSettings("127.0.0.1:0");
    }

    @Override
    public SerialBackend create(TcpBackendSettings settings) {
        InetSocketAddress address = parse(settings.listen());
        try {
            var socket = ServerSocketChannel.open();
            try {
                socket.bind(address);
                LOG.info("serial tcp: listening on {}", socket.getLocalAddress());
                return new StreamBackend("tcp", new ListeningSource(socket, () -> {}));
            } catch (IOException | RuntimeException e) {
                socket.close();
                throw e;
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "listen: %s: %s (expected: an address of this machine, a free port)"
                            .formatted(settings.listen(), e.getMessage()),
                    e);
        }
    }

    private static InetSocketAddress parse(String listen) {
        Matcher parts = ADDRESS.matcher(listen);
        if (parts.matches() && Integer.parseInt(parts.group(2)) <= 0xffff) {
            var address = new InetSocketAddress(parts.group(1), Integer.parseInt(parts.group(2)));
            if (!address.isUnresolved()) {
                return address;
            }
        }
        throw new IllegalArgumentException(
                "listen: %s (expected: HOST:PORT, as in 127.0.0.1:5555)".formatted(listen));
    }
}
