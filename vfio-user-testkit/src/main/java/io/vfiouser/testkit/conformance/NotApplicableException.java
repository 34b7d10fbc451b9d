package io.vfiouser.testkit.conformance;

import java.io.Serial;

/// A check needs something that this server or device does not have.
final class NotApplicableException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    private final String reason;

    private NotApplicableException(String reason) {
        super(reason);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }

    /// Ends the check unless `condition` holds.
    ///
    /// @param reason what is missing otherwise
    static void unless(boolean condition, String reason) {
        if (!condition) {
            throw new NotApplicableException(reason);
        }
    }
}
