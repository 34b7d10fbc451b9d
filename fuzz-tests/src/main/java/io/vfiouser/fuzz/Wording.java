package io.vfiouser.fuzz;

/// How refusals are worded.
final class Wording {
    private Wording() {}

    /// Finds `name: value (expected: condition)`, on one line and without control characters.
    static void check(RuntimeException refusal) {
        String message = String.valueOf(refusal.getMessage());
        boolean clean = message.codePoints().noneMatch(c -> Character.isISOControl(c));
        if (!clean || (!message.contains("(expected: ") && refusal.getCause() == null)) {
            throw new AssertionError("wording: " + message, refusal);
        }
    }
}
