package io.vfiouser.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vfiouser.codec.MessageDecoder;
import io.vfiouser.codec.MessageEncoder;
import io.vfiouser.os.Platform;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.Version;
import java.util.concurrent.atomic.AtomicBoolean;

/// What all clients need is loaded and linked beside the loops, once in a process, so that the
/// first client need not wait for it, nor all other devices of its loop.
final class Preparation {
    private static final AtomicBoolean BEGUN = new AtomicBoolean();

    private Preparation() {}

    /// Begins, and returns at once.
    static void begin() {
        if (BEGUN.compareAndSet(false, true)) {
            Thread.ofPlatform().name("vfio-user-prepare").daemon().start(Preparation::run);
        }
    }

    private static void run() {
        negotiate();
        Platform.linkAhead();
    }

    /// A VERSION, written and read again, both ways: JSON is the most of it.
    private static void negotiate() {
        var text = Capabilities.DEFAULTS.withMaxMsgFds(16).withWriteMultiple(true);
        ByteBuf frame = Unpooled.directBuffer();
        try {
            MessageEncoder.encode(frame, 0, new Version(0, 1, text), false);
            MessageDecoder.clientRequest(frame);
            frame.clear();
            MessageEncoder.encode(frame, 0, Command.VERSION.id(), new Version.Reply(0, 1, text));
        } finally {
            frame.release();
        }
    }
}
