package io.vfiouser.control;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/// The files of the live page. They are named here, so that no path of a request reaches a file.
final class PageFiles {
    private static final String HTML = "text/html; charset=utf-8";
    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final String STYLE = "text/css; charset=utf-8";
    private static final Map<String, String> TYPES =
            Map.ofEntries(
                    Map.entry("index.html", HTML),
                    Map.entry("style.css", STYLE),
                    Map.entry("app.js", SCRIPT),
                    Map.entry("api.js", SCRIPT),
                    Map.entry("charts.js", SCRIPT),
                    Map.entry("config.js", SCRIPT),
                    Map.entry("dom.js", SCRIPT),
                    Map.entry("memory.js", SCRIPT),
                    Map.entry("trace.js", SCRIPT),
                    Map.entry("icon.svg", "image/svg+xml"),
                    Map.entry("uplot/uPlot.esm.js", SCRIPT),
                    Map.entry("uplot/uPlot.min.css", STYLE),
                    Map.entry("uplot/LICENSE", "text/plain; charset=utf-8"));

    private PageFiles() {}

    static boolean has(String path) {
        return TYPES.containsKey(name(path));
    }

    /// The media type of a file that is one.
    static String type(String path) {
        return TYPES.getOrDefault(name(path), "application/octet-stream");
    }

    /// What is in a file that is one.
    static byte[] bytes(String path) {
        try (InputStream in = PageFiles.class.getResourceAsStream("page/" + name(path))) {
            if (in == null) {
                throw new IllegalStateException("page" + path + " (expected: in the jar)");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Lets a browser load and connect to nothing but this server, and nobody frame it.
    static void secure(HttpHeaders headers) {
        headers.set(
                        HttpHeaderNames.CONTENT_SECURITY_POLICY,
                        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src"
                                + " 'self'; img-src 'self'; base-uri 'none'; form-action 'none';"
                                + " frame-ancestors 'none'")
                .set("X-Content-Type-Options", "nosniff")
                .set("Referrer-Policy", "no-referrer")
                .set("Cross-Origin-Resource-Policy", "same-origin")
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store");
    }

    private static String name(String path) {
        if (!path.startsWith("/")) {
            return "";
        }
        return path.equals("/") ? "index.html" : path.substring(1);
    }
}
