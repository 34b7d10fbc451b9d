package io.vfiouser.testkit.conformance;

import java.io.Serial;

/// A server does something else than a check expects.
final class Difference extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    private final String expected;
    private final String seen;

    Difference(String expected, String seen) {
        super("expected: " + expected + ", seen: " + seen);
        this.expected = expected;
        this.seen = seen;
    }

    String expected() {
        return expected;
    }

    String seen() {
        return seen;
    }

    /// Expects `seen` to equal `expected`.
    static void check(String what, Object expected, Object seen) {
        check(expected.equals(seen), what + " " + expected, what + " " + seen);
    }

    /// Expects two numbers to be the same, and shows them in hex.
    static void checkHex(String what, long expected, long seen) {
        check(expected == seen, what + " 0x%x".formatted(expected), what + " 0x%x".formatted(seen));
    }

    static void check(boolean condition, String expected, String seen) {
        if (!condition) {
            throw new Difference(expected, seen);
        }
    }
}
