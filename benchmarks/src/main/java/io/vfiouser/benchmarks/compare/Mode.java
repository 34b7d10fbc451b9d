package io.vfiouser.benchmarks.compare;

/// How a server is run.
enum Mode {
    /// One device; server and client share a CPU and sleep when they wait.
    ONE_CPU,
    /// One device; server and client have a CPU each and never sleep.
    SPIN,
    /// Many devices; server and client share a CPU.
    MANY
}
