package io.vfiouser.filters;

import io.vfiouser.os.Errno;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which of many things fail, and how.
///
/// | text | fails |
/// |---|---|
/// | `none` | nothing |
/// | `EIO` | everything |
/// | `EIO@1%` | one in a hundred, at random |
/// | `EIO@3` | the third, once |
///
/// @param errno how; empty if nothing fails
/// @param rate the part that fails, 0 to 1; 1 unless it is random
/// @param nth the only one that fails, counted from 1; 0 for any
public record ErrorRule(Optional<Errno> errno, double rate, long nth) {
    /// How it is written, for error messages.
    public static final String EXPECTED = "none, EIO, EIO@1% or EIO@3";

    /// Nothing fails.
    public static final ErrorRule NONE = new ErrorRule(Optional.empty(), 0, 0);

    private static final Pattern TEXT =
            Pattern.compile("(E[A-Z0-9]{1,15})(?:@(?:(\\d{1,3}(?:\\.\\d{1,9})?)%|(\\d{1,18})))?");

    /// Checks the fields.
    public ErrorRule {
        Objects.requireNonNull(errno, "errno");
        if (!(rate >= 0 && rate <= 1)) {
            throw new IllegalArgumentException("rate: " + rate + " (expected: 0 to 1)");
        }
        if (nth < 0) {
            throw new IllegalArgumentException("nth: " + nth + " (expected: 0 or more)");
        }
    }

    /// Everything fails.
    public static ErrorRule always(Errno errno) {
        return new ErrorRule(Optional.of(errno), 1, 0);
    }

    /// A part fails, at random.
    ///
    /// @param rate 0 to 1
    public static ErrorRule random(Errno errno, double rate) {
        return new ErrorRule(Optional.of(errno), rate, 0);
    }

    /// One fails.
    ///
    /// @param nth counted from 1
    public static ErrorRule nth(Errno errno, long nth) {
        return new ErrorRule(Optional.of(errno), 1, nth);
    }

    /// The rule that `text` stands for.
    ///
    /// @throws IllegalArgumentException if it stands for none
    public static ErrorRule parse(String text) {
        if (text.equals("none")) {
            return NONE;
        }
        Matcher matcher = TEXT.matcher(text);
        if (matcher.matches()) {
            Optional<Errno> errno = Errno.named(matcher.group(1));
            String percent = matcher.group(2);
            double rate = percent == null ? 1 : Double.parseDouble(percent) / 100;
            long nth = matcher.group(3) == null ? 0 : Long.parseLong(matcher.group(3));
            boolean counts = matcher.group(3) == null || nth > 0;
            if (errno.isPresent() && rate <= 1 && counts) {
                return new ErrorRule(errno, rate, nth);
            }
        }
        throw new IllegalArgumentException("rule: " + text + " (expected: " + EXPECTED + ")");
    }

    /// Whether nothing ever fails.
    public boolean isNone() {
        return errno.isEmpty();
    }

    /// As [#parse] reads it.
    @Override
    public String toString() {
        if (errno.isEmpty()) {
            return "none";
        }
        String name = errno.get().name();
        if (nth > 0) {
            return name + "@" + nth;
        }
        return rate == 1 ? name : name + "@" + Percent.format(rate);
    }
}
