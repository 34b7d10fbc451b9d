package io.vfiouser.os;

import java.util.concurrent.atomic.AtomicInteger;

/// Holds back a close until nobody is in the middle of a use, without ever waiting.
///
/// Needed because the number of a closed descriptor is given out again at once: a late write would
/// land in someone else's file. Whoever turns out to be the last to leave does the closing.
final class UseCount {
    private static final int CLOSED = Integer.MIN_VALUE;

    private final AtomicInteger state = new AtomicInteger();

    /// Begins a use; false if closed.
    boolean enter() {
        int uses = state.get();
        while (uses >= 0) {
            int seen = state.compareAndExchange(uses, uses + 1);
            if (seen == uses) {
                return true;
            }
            uses = seen;
        }
        return false;
    }

    /// Ends a use; true if the caller is the one who has to release now.
    boolean exitIsLast() {
        return state.decrementAndGet() == CLOSED;
    }

    /// Lets no further use begin; true if the caller is the one who has to release now.
    boolean closeIsLast() {
        return state.getAndUpdate(uses -> uses | CLOSED) == 0;
    }
}
