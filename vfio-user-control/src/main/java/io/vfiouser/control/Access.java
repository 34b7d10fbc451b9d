package io.vfiouser.control;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Who may call.
///
/// A port of this host can be reached by every web page in a browser of this host. So the `Host`
/// must be a name of this host, which a name that an attacker has pointed here is not (DNS
/// rebinding), and an `Origin`, if there is one, the same.
final class Access {
    private static final Set<String> LOCAL = Set.of("127.0.0.1", "localhost");
    private static final String BEARER = "Bearer ";

    private final ControlAddress address;
    private final Optional<ControlToken> token;

    Access(ControlAddress address, Optional<ControlToken> token) {
        this.address = address;
        this.token = token;
    }

    /// Refuses what another site has a browser send.
    void checkOrigin(HttpHeaders headers) {
        if (address instanceof ControlAddress.Unix) {
            return;
        }
        List<String> hosts = headers.getAll(HttpHeaderNames.HOST);
        if (hosts.size() != 1 || !LOCAL.contains(name(hosts.getFirst()))) {
            throw new ApiException(
                    HttpResponseStatus.FORBIDDEN, "Host (expected: 127.0.0.1 or localhost)");
        }
        String origin = headers.get(HttpHeaderNames.ORIGIN);
        if (origin != null && !origin.equals("http://" + hosts.getFirst())) {
            throw new ApiException(
                    HttpResponseStatus.FORBIDDEN, "Origin (expected: this server's page)");
        }
    }

    /// Refuses who does not know the token.
    void checkToken(HttpHeaders headers) {
        if (token.isEmpty()) {
            return;
        }
        String given = headers.get(HttpHeaderNames.AUTHORIZATION, "");
        if (!given.startsWith(BEARER) || !token.get().matches(given.substring(BEARER.length()))) {
            throw new ApiException(
                    HttpResponseStatus.UNAUTHORIZED,
                    "Authorization (expected: Bearer and the token of the token file)");
        }
    }

    private static String name(String host) {
        try {
            String name = URI.create("http://" + host).getHost();
            return name == null ? "" : name.toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
