package io.vfiouser.server.observe;

/// A [MessageTap] in its place; closing takes it off.
///
/// May be closed from any thread, more than once. A message that the event loop has at hand at that
/// moment may still be told of.
public interface Tapping extends AutoCloseable {
    /// Takes the tap off.
    @Override
    void close();
}
