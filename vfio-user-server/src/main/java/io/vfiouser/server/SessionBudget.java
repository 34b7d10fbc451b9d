package io.vfiouser.server;

import java.util.concurrent.atomic.AtomicInteger;

/// How many clients all devices of a server may have at once. Any thread may use it.
final class SessionBudget {
    private final int most;
    private final AtomicInteger taken = new AtomicInteger();

    SessionBudget(int most) {
        this.most = most;
    }

    /// Takes room for one client; false if there is none.
    boolean take() {
        return taken.getAndUpdate(now -> now < most ? now + 1 : now) < most;
    }

    /// The client is gone and released.
    void giveBack() {
        taken.decrementAndGet();
    }

    /// Why a client was not let in, for the log.
    String refusal() {
        return "clients of all devices: %d (expected: at most maxSessions, %d)"
                .formatted(most + 1, most);
    }
}
