package io.vfiouser.trace;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// What Wireshark and tshark need to read our captures: a dissector in Lua.
public final class Dissector {
    private static final String RESOURCE = "vfio-user.lua";

    private Dissector() {}

    /// The text of the script, for Wireshark 4.
    public static String lua() {
        try (var in = Dissector.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + ": missing (expected: in this module)");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
