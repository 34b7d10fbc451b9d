package io.vfiouser.cli.text;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Byte counts as users write them: `512M`, `4KiB`, `0x1000`, `65536`. Units are powers of 1024.
public final class ByteSize {
    private static final Pattern DECIMAL = Pattern.compile("(\\d{1,19})([KMGTPE]?)(?:i?B)?");
    private static final Pattern HEX = Pattern.compile("0[xX]([0-9a-fA-F]{1,16})");
    private static final String UNITS = "KMGTPE";

    private ByteSize() {}

    /// The number that `text` stands for, or empty if it is none or above [Long#MAX_VALUE].
    public static Optional<Long> parse(String text) {
        try {
            Matcher hex = HEX.matcher(text);
            if (hex.matches()) {
                return Optional.of(Long.parseLong(hex.group(1), 16));
            }
            Matcher decimal = DECIMAL.matcher(text);
            if (!decimal.matches()) {
                return Optional.empty();
            }
            long number = Long.parseLong(decimal.group(1));
            return Optional.of(Math.multiplyExact(number, factor(decimal.group(2))));
        } catch (NumberFormatException | ArithmeticException _) {
            return Optional.empty();
        }
    }

    /// The shortest exact text: 536870912 is `512M`, 1000 stays `1000`.
    ///
    /// @param bytes taken as unsigned
    public static String format(long bytes) {
        int unit = Math.min(Long.numberOfTrailingZeros(bytes) / 10, UNITS.length());
        if (bytes == 0 || unit == 0) {
            return Long.toUnsignedString(bytes);
        }
        return Long.toUnsignedString(bytes >>> (10 * unit)) + UNITS.charAt(unit - 1);
    }

    private static long factor(String unit) {
        return unit.isEmpty() ? 1 : 1L << (10 * (UNITS.indexOf(unit) + 1));
    }
}
