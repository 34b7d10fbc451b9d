package io.vfiouser.codec;

import static io.vfiouser.protocol.WireFormat.VERSION_MINOR_AT;
import static io.vfiouser.protocol.WireFormat.VERSION_SIZE;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.Version;

/// Payload of `VERSION`, both ways.
final class VersionBody {
    private VersionBody() {}

    static Version readRequest(ByteBuf frame, CapabilitiesJson json) {
        Body.require(frame, VERSION_SIZE);
        return new Version(
                Body.u16(frame, 0), Body.u16(frame, VERSION_MINOR_AT), capabilities(frame, json));
    }

    static Version.Reply readReply(ByteBuf frame, CapabilitiesJson json) {
        Body.require(frame, VERSION_SIZE);
        return new Version.Reply(
                Body.u16(frame, 0), Body.u16(frame, VERSION_MINOR_AT), capabilities(frame, json));
    }

    static void write(ByteBuf out, int major, int minor, Capabilities capabilities) {
        write(out, major, minor, CapabilitiesJson.write(capabilities));
    }

    /// @param text the capabilities, ASCII without the NUL
    static void write(ByteBuf out, int major, int minor, String text) {
        out.writeShortLE(major);
        out.writeShortLE(minor);
        ByteBufUtil.writeAscii(out, text);
        out.writeByte(0);
    }

    private static Capabilities capabilities(ByteBuf frame, CapabilitiesJson json) {
        int length = Body.length(frame) - VERSION_SIZE;
        if (length == 0) {
            return Capabilities.DEFAULTS;
        }
        ByteBuf text = Body.view(frame, VERSION_SIZE, length);
        int last = text.getUnsignedByte(length - 1);
        if (last != 0) {
            throw Body.rejected(
                    "capabilities: last byte 0x" + Integer.toHexString(last) + " (expected: NUL)");
        }
        return json.read(text.slice(0, length - 1));
    }
}
