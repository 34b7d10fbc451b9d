package io.vfiouser.server.dma;

/// Is told what the server itself writes to client memory: at the close of a lease for writing, and
/// with each copy into mapped memory or a file.
///
/// Not for `DMA_WRITE` messages: the client does those writes itself and knows of them.
@FunctionalInterface
public interface DirtySink {
    /// Forgets everything; for sessions without a dirty log.
    DirtySink NONE = (_, _, _) -> {};

    /// A range of one region has changed, or changes before the loop does anything else. Runs on
    /// the session's loop.
    ///
    /// @param iova first address, within the region
    /// @param length bytes, at least 1, all within the region
    void written(DmaRegion region, long iova, long length);
}
