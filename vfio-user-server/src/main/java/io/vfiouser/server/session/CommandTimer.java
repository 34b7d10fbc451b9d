package io.vfiouser.server.session;

import io.vfiouser.server.events.CommandEvent;
import io.vfiouser.server.events.FlightRecording;
import io.vfiouser.server.stats.DeviceCounters;
import org.jspecify.annotations.Nullable;

/// Counts the commands of one session and times some of them: all that may take long, and of the
/// short accesses about each sixteenth, at random so that a driver's habits do not choose which.
/// The clock costs more than all the counting. While a flight recording wants commands, all of them
/// are timed.
///
/// One command is at work at a time, maybe for longer. Belongs to the loop.
final class CommandTimer {
    private static final int MEAN_GAP = 16;

    private final DeviceCounters counters;
    private final DeviceHost host;
    private final long session;
    private int random = 0x2545_f491;
    private int untimed = 1;
    private boolean running;
    private long began;
    private int command;
    private @Nullable CommandEvent event;

    CommandTimer(DeviceHost host, long session) {
        this.host = host;
        this.counters = host.counters();
        this.session = session;
    }

    /// A command begins.
    ///
    /// @param isLong whether it may take longer than an access to a register
    void begin(int number, boolean isLong) {
        counters.command(number);
        if (--untimed <= 0 || isLong) {
            start(number);
        }
    }

    /// The command that began last is answered; does nothing if that was said already.
    void end() {
        if (running) {
            stop();
        }
    }

    private void start(int number) {
        if (untimed <= 0) {
            untimed = gap();
        }
        if (FlightRecording.wasBegun()) {
            record();
        }
        running = true;
        command = number;
        counters.expectTime();
        began = System.nanoTime();
    }

    private void record() {
        var next = new CommandEvent();
        if (next.isEnabled()) {
            untimed = 1;
            next.begin();
            event = next;
        }
    }

    private void stop() {
        running = false;
        counters.took(command, System.nanoTime() - began);
        CommandEvent ended = event;
        event = null;
        if (ended != null) {
            ended.end();
            if (ended.shouldCommit()) {
                ended.device = host.name();
                ended.session = session;
                ended.command = host.dialect().commandName(command);
                ended.commit();
            }
        }
    }

    /// Between 1 and twice the mean, by an xorshift.
    private int gap() {
        random ^= random << 13;
        random ^= random >>> 17;
        random ^= random << 5;
        return 1 + (random & (2 * MEAN_GAP - 1));
    }
}
