package io.vfiouser.testkit.conformance;

/// What a check found.
public sealed interface ConformanceResult {
    /// The server does as the specification says.
    record Passed() implements ConformanceResult {}

    /// The server does something else.
    ///
    /// @param expected what the specification asks for at the point where they part
    /// @param seen what the server did
    /// @param asReference whether it does what the C library does there
    record Differs(String expected, String seen, boolean asReference)
            implements ConformanceResult {}

    /// The check needs something that this server or device does not have.
    ///
    /// @param reason what is missing
    record NotApplicable(String reason) implements ConformanceResult {}
}
