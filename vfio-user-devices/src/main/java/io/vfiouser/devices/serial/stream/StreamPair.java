package io.vfiouser.devices.serial.stream;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;

/// The two directions of one peer. Both may block.
///
/// @param fromPeer read on a virtual thread
/// @param toPeer written on virtual threads, one at a time
/// @param endsWithInput whether the peer has gone when its input ends; else it goes on taking
///   output, as a terminal's standard output does
public record StreamPair(
        ReadableByteChannel fromPeer, WritableByteChannel toPeer, boolean endsWithInput)
        implements Closeable {
    /// Checks that both are there.
    public StreamPair {
        Objects.requireNonNull(fromPeer, "fromPeer");
        Objects.requireNonNull(toPeer, "toPeer");
    }

    /// Closes both; threads that read or write are woken, if the channels can do that.
    @Override
    public void close() throws IOException {
        try (fromPeer) {
            toPeer.close();
        }
    }
}
