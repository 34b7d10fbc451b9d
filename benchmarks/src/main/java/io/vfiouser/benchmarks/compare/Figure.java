package io.vfiouser.benchmarks.compare;

/// A metric of a workload.
record Figure(String workload, String metric) {}
