package io.vfiouser.filters;

import java.math.BigDecimal;
import java.math.MathContext;

/// Parts of a whole as percentages.
final class Percent {
    private Percent() {}

    static String format(double part) {
        BigDecimal percent =
                BigDecimal.valueOf(part).movePointRight(2).round(MathContext.DECIMAL32);
        return percent.stripTrailingZeros().toPlainString() + "%";
    }
}
