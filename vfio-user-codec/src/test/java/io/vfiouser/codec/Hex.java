package io.vfiouser.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;

/// Hex fixtures: bytes in pairs of digits, `#` starts a comment.
final class Hex {
    private Hex() {}

    static byte[] bytes(String fixture) {
        var digits = new StringBuilder();
        fixture.lines()
                .forEach(line -> {
                    int comment = line.indexOf('#');
                    digits.append(comment < 0 ? line : line.substring(0, comment));
                });
        return HexFormat.of().parseHex(digits.toString().replaceAll("\\s", ""));
    }

    static ByteBuf buffer(String fixture) {
        return Unpooled.wrappedBuffer(bytes(fixture));
    }
}
