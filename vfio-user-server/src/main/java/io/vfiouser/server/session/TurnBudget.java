package io.vfiouser.server.session;

/// How much of one turn of the loop a client may have, before it is the turn of the others.
///
/// Short accesses are cheap, so the clock is looked at only at every eighth of them. Belongs to the
/// loop.
final class TurnBudget {
    private static final int LOOKS = 0x7;

    /// The part of a turn after which nothing more is received: what one receive brings takes as
    /// long again, and is better run than kept.
    private static final int RECEIVING = 2;

    private final long nanos;
    private int commands;
    private boolean started;
    private boolean spent;
    private long begin;

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

    /// Whether this turn has time for what another receive would bring.
    boolean allowsMore() {
        return !started || System.nanoTime() - begin < nanos / RECEIVING;
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
            begin = now;
        } else if (now - begin >= nanos) {
            spent = true;
        }
    }
}
