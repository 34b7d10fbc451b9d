package io.vfiouser.benchmarks.compare;

/// Something that the client does to a server, over and over.
///
/// @param name how the data call it
/// @param arguments of the client
/// @param warmUp arguments that take the place of those before the first repetition: more of them,
///   so that the code is compiled
/// @param floor arguments for the bare echo server, empty if it has no meaning there
/// @param connecting arguments that take the place of those in a run before each repetition, with
///   next to no operations: the CPU time of that run is what connecting takes, and not counted as
///   that of operations. Empty where connecting takes next to nothing
record Workload(String name, String arguments, String warmUp, String floor, String connecting) {
    Workload(String name, String arguments, String warmUp, String floor) {
        this(name, arguments, warmUp, floor, "");
    }

    static Workload of(String name, String arguments, String warmUp) {
        return new Workload(name, arguments, warmUp, "");
    }
}
