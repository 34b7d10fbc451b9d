package io.vfiouser.server.dma;

/// Is told what the server itself has written to client memory: at the close of a lease for
/// writing, after a copy into mapped memory and after file I/O.
///
/// Not for `DMA_WRITE` messages: the client does those writes itself and knows of them.
@FunctionalInterface
public interface DirtySink {
    /// Forgets everything; for sessions without a dirty log.
    DirtySink NONE = (_, _, _) -> {};

    /// A range of one region may have changed. Runs on the session's loop.
    ///
    /// @param iova first address, within the region
    /// @param length bytes, at least 1, all within the region
    void written(DmaRegion region, long iova, long length);
}
