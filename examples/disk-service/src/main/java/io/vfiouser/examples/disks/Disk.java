package io.vfiouser.examples.disks;

/// A disk as clients of the service see it.
///
/// @param name 1 to 20 letters, digits and dashes; the NVMe serial number too
/// @param sizeMib 1 to 1048576
/// @param socket where a VMM connects
public record Disk(String name, long sizeMib, String socket) {}
