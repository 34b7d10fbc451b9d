package io.vfiouser.fuzz;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vfiouser.codec.CapabilitiesJson;
import io.vfiouser.codec.ProtocolViolationException;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.protocol.Capabilities;
import java.nio.charset.StandardCharsets;

/// The text of VERSION: read or refused, and what is read is written as a text that reads and is
/// written as itself.
///
/// Input: the text.
public final class CapabilitiesFuzz {
    private CapabilitiesFuzz() {}

    /// Runs one input.
    public static void fuzzerTestOneInput(byte[] bytes) {
        try {
            Capabilities read = CapabilitiesJson.DEFAULT.read(Unpooled.wrappedBuffer(bytes));
            checkSame(CapabilitiesJson.write(read));
        } catch (RequestRejectedException | ProtocolViolationException e) {
            Wording.check(e);
        }
        try {
            CapabilitiesJson.LEGACY.read(Unpooled.wrappedBuffer(bytes));
        } catch (RequestRejectedException | ProtocolViolationException e) {
            Wording.check(e);
        }
    }

    private static void checkSame(String first) {
        ByteBuf text = Unpooled.copiedBuffer(first, StandardCharsets.UTF_8);
        String second = CapabilitiesJson.write(CapabilitiesJson.DEFAULT.read(text));
        if (!second.equals(first)) {
            throw new AssertionError("%s read and written: %s".formatted(first, second));
        }
    }
}
