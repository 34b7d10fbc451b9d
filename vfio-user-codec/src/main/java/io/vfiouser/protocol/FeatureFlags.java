package io.vfiouser.protocol;

/// Which feature, and what to do with it (spec: "VFIO_USER_DEVICE_FEATURE", flags).
///
/// @param bits the flags as they are on the wire; bits without a meaning are kept
public record FeatureFlags(int bits) {
    /// Reads feature number `feature`.
    public static FeatureFlags get(int feature) {
        return of(feature, WireFormat.FEATURE_GET);
    }

    /// Writes feature number `feature`.
    public static FeatureFlags set(int feature) {
        return of(feature, WireFormat.FEATURE_SET);
    }

    /// Asks whether `operations` (`FEATURE_GET`, `FEATURE_SET` or both) are there for `feature`.
    public static FeatureFlags probe(int feature, int operations) {
        return of(feature, operations | WireFormat.FEATURE_PROBE);
    }

    /// The number of the feature, 0 to 0xffff.
    public int feature() {
        return bits & WireFormat.FEATURE_NUMBER_MASK;
    }

    /// Whether the feature is to be read.
    public boolean isGet() {
        return (bits & WireFormat.FEATURE_GET) != 0;
    }

    /// Whether the feature is to be written.
    public boolean isSet() {
        return (bits & WireFormat.FEATURE_SET) != 0;
    }

    /// Whether the client only asks what is there.
    public boolean isProbe() {
        return (bits & WireFormat.FEATURE_PROBE) != 0;
    }

    private static FeatureFlags of(int feature, int operations) {
        Checks.u16("feature", feature);
        return new FeatureFlags(feature | operations);
    }
}
