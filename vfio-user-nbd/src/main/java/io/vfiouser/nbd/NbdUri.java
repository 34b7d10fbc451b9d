package io.vfiouser.nbd;

import io.netty.channel.unix.DomainSocketAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Where an export is (NBD's own document "uri.md"): `nbd://host:port/export`,
/// `nbd+unix:///export?socket=PATH`, and the same with `nbds` for TLS.
///
/// TLS takes `tls-certificates=DIR`, a directory with `ca-cert.pem` and, for servers that ask who
/// we are, `client-cert.pem` and `client-key.pem`; without it the JVM's certificates are trusted.
/// `tls-hostname=NAME` is who the server has to be, if not the host; `tls-verify-peer=false` asks
/// for no proof.
record NbdUri(
        String text,
        boolean tls,
        Optional<Path> socket,
        String host,
        int port,
        String export,
        Optional<Path> certificates,
        String tlsHost,
        boolean verified) {
    private static final int MAX_PORT = 0xffff;
    private static final Set<String> KEYS =
            Set.of("socket", "tls-certificates", "tls-hostname", "tls-verify-peer");
    private static final String EXPECTED =
            "nbd://HOST[:PORT]/EXPORT or nbd+unix:///EXPORT?socket=PATH, nbds for TLS";

    static NbdUri parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw refused(text, e.getReason());
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme();
        boolean tls = scheme.startsWith("nbds");
        Map<String, String> query = query(uri, text);
        Optional<Path> socket = Optional.ofNullable(query.get("socket")).map(Path::of);
        String host = uri.getHost() == null ? "" : uri.getHost();
        switch (scheme) {
            case "nbd", "nbds" -> {
                if (host.isEmpty() || socket.isPresent()) {
                    throw refused(text, host.isEmpty() ? "no host" : "a host and a socket");
                }
            }
            case "nbd+unix", "nbds+unix" -> {
                if (!host.isEmpty() || socket.isEmpty()) {
                    throw refused(text, socket.isEmpty() ? "no socket" : "a host and a socket");
                }
            }
            default -> throw refused(text, scheme.isEmpty() ? "no scheme" : scheme);
        }
        String path = uri.getPath() == null ? "" : uri.getPath();
        String export = path.startsWith("/") ? path.substring(1) : path;
        if (export.getBytes(StandardCharsets.UTF_8).length > NbdWire.MAX_STRING) {
            throw refused(text, "an export name of more than 4096 bytes");
        }
        if (uri.getPort() == 0 || uri.getPort() > MAX_PORT) {
            throw refused(text, "port: " + uri.getPort());
        }
        return new NbdUri(
                text,
                tls,
                socket,
                host,
                uri.getPort() < 0 ? NbdWire.DEFAULT_PORT : uri.getPort(),
                export,
                Optional.ofNullable(query.get("tls-certificates")).map(Path::of),
                query.getOrDefault("tls-hostname", host.isEmpty() ? "localhost" : host),
                !"false".equals(query.get("tls-verify-peer")));
    }

    /// The address to connect to; of a name that is not resolved yet.
    SocketAddress address() {
        return socket.<SocketAddress>map(path -> new DomainSocketAddress(path.toString()))
                .orElseGet(() -> InetSocketAddress.createUnresolved(host, port));
    }

    private static Map<String, String> query(URI uri, String text) {
        Map<String, String> values = new LinkedHashMap<>();
        String query = uri.getRawQuery();
        if (query == null) {
            return values;
        }
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String key = equals < 0 ? pair : pair.substring(0, equals);
            if (equals < 0 || !KEYS.contains(key)) {
                throw refused(text, "query: " + pair);
            }
            String value = pair.substring(equals + 1).replace("+", "%2B");
            values.put(key, URLDecoder.decode(value, StandardCharsets.UTF_8));
        }
        return values;
    }

    private static IllegalArgumentException refused(String text, String why) {
        return new IllegalArgumentException(
                "uri: %s: %s (expected: %s)".formatted(text, why, EXPECTED));
    }
}
