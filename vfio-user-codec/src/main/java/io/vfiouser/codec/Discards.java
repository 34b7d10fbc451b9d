package io.vfiouser.codec;

import io.vfiouser.os.FdBundle;
import java.io.UncheckedIOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Closes descriptors that a peer sent and nobody wants.
final class Discards {
    private static final Logger log = LoggerFactory.getLogger(Discards.class);

    private Discards() {}

    /// Closes all of them. That closing one reports an error, as some file systems do, is no fault
    /// of ours and harms nobody: the descriptor is gone all the same.
    static void close(FdBundle descriptors) {
        try {
            descriptors.close();
        } catch (UncheckedIOException e) {
            log.debug("close of an unwanted descriptor reported an error", e);
        }
    }
}
