package io.vfiouser.server.watch;

import java.time.Duration;

/// Somebody whose code runs on an event loop.
public interface Watched {
    /// Its code has held the loop for a while, and still does. Called on the watchdog's thread.
    ///
    /// @param held for how long
    /// @param loopThread the thread that is held
    void holdsLoop(Duration held, Thread loopThread);
}
