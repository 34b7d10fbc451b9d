package io.vfiouser.nbd;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/// TLS for connections to one server.
final class NbdTls {
    private final SslContext context;
    private final NbdUri uri;

    private NbdTls(SslContext context, NbdUri uri) {
        this.context = context;
        this.uri = uri;
    }

    /// What the URI asks for; empty if it asks for no TLS.
    ///
    /// @throws IllegalArgumentException if its certificates cannot be used
    static Optional<NbdTls> of(NbdUri uri) {
        if (!uri.tls()) {
            return Optional.empty();
        }
        SslContextBuilder builder = SslContextBuilder.forClient();
        if (!uri.verified()) {
            builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
        }
        try {
            uri.certificates().ifPresent(directory -> use(directory, builder, uri.verified()));
            return Optional.of(new NbdTls(builder.build(), uri));
        } catch (SSLException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "tls-certificates: %s: %s (expected: ca-cert.pem, and client-cert.pem with"
                                    .formatted(uri.certificates().map(Path::toString).orElse(""), e)
                            + " client-key.pem if the server asks)",
                    e);
        }
    }

    SslHandler handler(ByteBufAllocator allocator) {
        SslHandler handler = context.newHandler(allocator, uri.tlsHost(), uri.port());
        if (uri.verified()) {
            SSLEngine engine = handler.engine();
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            engine.setSSLParameters(parameters);
        }
        return handler;
    }

    private static void use(Path directory, SslContextBuilder builder, boolean verified) {
        if (verified) {
            builder.trustManager(directory.resolve("ca-cert.pem").toFile());
        }
        Path certificate = directory.resolve("client-cert.pem");
        if (Files.exists(certificate)) {
            builder.keyManager(certificate.toFile(), directory.resolve("client-key.pem").toFile());
        }
    }
}
