package io.vfiouser.cli.text;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/// How far a long command is: a bar on standard error while it runs, gone when it ends.
///
/// Only for people: where standard error is no terminal, or one that cannot go back in a line
/// (`TERM=dumb`), nothing is printed. Closing it removes the bar; a command prints its results
/// afterwards.
public final class Progress implements AutoCloseable {
    private static final int EVERY_MS = 200;
    private static final int WIDTH = 79;
    private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");

    private final @Nullable ProgressBar bar;
    private final @Nullable ScheduledExecutorService clock;

    private Progress(@Nullable ProgressBar bar, @Nullable ScheduledExecutorService clock) {
        this.bar = bar;
        this.clock = clock;
    }

    /// The way of something that consists of parts.
    ///
    /// @param task what is done, a word or two
    /// @param total how many parts there are
    /// @param unit what the parts are, as in ` checks`
    public static Progress of(String task, long total, String unit) {
        return of(task, total, unit, 1);
    }

    /// The way of something that consists of bytes.
    ///
    /// @param task what is done, a word or two
    /// @param total how many bytes there are
    public static Progress ofBytes(String task, long total) {
        return of(task, total, " MiB", 1 << 20);
    }

    /// The way of something that takes a known time; it needs no [#at].
    ///
    /// @param task what is done, a word or two
    /// @param time how long it takes
    public static Progress ofTime(String task, Duration time) {
        if (!isWatched()) {
            return new Progress(null, null);
        }
        ProgressBar bar = bar(task, Math.max(time.toMillis(), 1), " s", 1000);
        ScheduledExecutorService clock =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("progress").factory());
        long began = System.nanoTime();
        var _ =
                clock.scheduleAtFixedRate(
                        () ->
                                bar.stepTo(
                                        Math.min(
                                                (System.nanoTime() - began) / 1_000_000,
                                                bar.getMax())),
                        0,
                        EVERY_MS,
                        TimeUnit.MILLISECONDS);
        return new Progress(bar, clock);
    }

    private static Progress of(String task, long total, String unit, long size) {
        return new Progress(isWatched() ? bar(task, total, unit, size) : null, null);
    }

    /// So many parts or bytes are done. Cheap: the bar looks every 200 ms.
    public void at(long done) {
        if (bar != null) {
            bar.stepTo(done);
        }
    }

    @Override
    public void close() {
        if (clock != null) {
            clock.close();
        }
        if (bar != null) {
            bar.close();
        }
    }

    private static ProgressBar bar(String task, long total, String unit, long size) {
        PrintStream err = System.err;
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setUnit(unit, size)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(EVERY_MS)
                .clearDisplayOnFinish()
                .setConsumer(
                        new DelegatingProgressBarConsumer(line -> err.print('\r' + line), WIDTH))
                .build();
    }

    private static boolean isWatched() {
        if ("dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        try {
            String target = Files.readSymbolicLink(STANDARD_ERROR).toString();
            return target.startsWith("/dev/pts/")
                    || target.startsWith("/dev/tty")
                    || target.equals("/dev/console");
        } catch (IOException _) {
            // Nobody is told how far it is where nobody can be found out.
            return false;
        }
    }
}
