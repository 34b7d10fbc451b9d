package io.vfiouser.devices.serial.stream;

import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;

/// Where a [StreamBackend] gets its streams from: one after the other, as peers come and go.
public interface StreamSource extends Closeable {
    /// The next peer. Blocks until it is there, on a virtual thread.
    ///
    /// @return empty if no more will come
    /// @throws IOException if this source is closed, by another thread also
    Optional<StreamPair> next() throws IOException;

    /// No more peers; a thread that waits for one is woken.
    @Override
    void close() throws IOException;
}
