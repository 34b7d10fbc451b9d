package io.vfiouser.trace.replay;

import java.util.Optional;

/// What came of a replay.
///
/// @param sent messages of the client that were sent
/// @param compared messages of the server that were the same
/// @param difference the first message that was not, or did not come; nothing is sent after it
public record ReplayResult(int sent, int compared, Optional<Difference> difference) {
    /// Where a server does not do as it did.
    ///
    /// @param packet number of the message in the recording, as Wireshark counts, from 1
    /// @param expected what is recorded
    /// @param actual what came
    public record Difference(int packet, String expected, String actual) {
        @Override
        public String toString() {
            return "packet %d: %s%n  expected: %s".formatted(packet, actual, expected);
        }
    }

    /// Whether all was the same.
    public boolean isSame() {
        return difference.isEmpty();
    }
}
