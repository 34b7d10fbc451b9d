package io.vfiouser.cli.text;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Durations as users write them: `500us`, `20ms`, `5s`, `2m`, `1h`.
public final class Durations {
    private static final Pattern SHORT = Pattern.compile("(\\d{1,12})(ns|us|ms|s|m|h)");
    private static final Map<String, ChronoUnit> UNITS =
            Map.of(
                    "ns", ChronoUnit.NANOS,
                    "us", ChronoUnit.MICROS,
                    "ms", ChronoUnit.MILLIS,
                    "s", ChronoUnit.SECONDS,
                    "m", ChronoUnit.MINUTES,
                    "h", ChronoUnit.HOURS);

    private Durations() {}

    /// The duration that `text` stands for, or empty if it is none.
    public static Optional<Duration> parse(String text) {
        Matcher matcher = SHORT.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        return Optional.ofNullable(UNITS.get(matcher.group(2)))
                .map(unit -> Duration.of(Long.parseLong(matcher.group(1)), unit));
    }

    /// The shortest exact text: 2000 ms is `2s`.
    public static String format(Duration duration) {
        if (duration.isZero()) {
            return "0s";
        }
        int nanos = duration.toNanosPart();
        if (nanos == 0) {
            long seconds = duration.toSeconds();
            if (seconds % 3600 == 0) {
                return seconds / 3600 + "h";
            }
            return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
        }
        if (nanos % 1_000_000 == 0) {
            return duration.toMillis() + "ms";
        }
        return nanos % 1_000 == 0 ? duration.toNanos() / 1_000 + "us" : duration.toNanos() + "ns";
    }
}
