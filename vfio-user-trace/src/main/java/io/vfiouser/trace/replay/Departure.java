package io.vfiouser.trace.replay;

/// Where a driver does something else than the recorded one did.
///
/// @param packet number in the recording of what came last before it, as Wireshark counts, from 1;
///   0 if nothing did
/// @param access what the driver did, such as `write BAR2 OUT0_7 0x05 (1 byte)`
/// @param reason how that differs, such as `recorded: 0x04`
public record Departure(int packet, String access, String reason) {
    /// Such as `after packet 12: write BAR2 OUT0_7 0x05 (1 byte) (recorded: 0x04)`.
    @Override
    public String toString() {
        return "after packet " + packet + ": " + access + " (" + reason + ")";
    }
}
