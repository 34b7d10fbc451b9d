package io.vfiouser.server.session;

/// How much of one turn of the loop a client may have, before it is the turn of the others.
///
/// Short accesses are cheap, so the clock is looked at only at every eighth of them. Belongs to the
/// loop.
final class TurnBudget {
    private static final int LOOKS = 0x7;

    private final long nanos;
    private int commands;
    private boolean started;
    private boolean spent;
    private long end;

    /// @param nanos time for one turn
    TurnBudget(long nanos) {
        this.nanos = nanos;
    }

    /// A command is about to run.
    ///
    /// @param isLong whether it may take longer than an access to a register
    void charge(boolean isLong) {
        commands++;
        if (isLong || (commands & LOOKS) == 0) {
            look();
        }
    }

    /// Whether this turn's time is over.
    boolean isSpent() {
        return spent;
    }

    /// The next turn begins.
    void renew() {
        commands = 0;
        started = false;
        spent = false;
    }

    private void look() {
        long now = System.nanoTime();
        if (!started) {
            started = true;
            end = now + nanos;
        } else if (now - end >= 0) {
            spent = true;
        }
    }
}
