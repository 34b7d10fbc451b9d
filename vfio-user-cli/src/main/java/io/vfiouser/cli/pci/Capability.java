package io.vfiouser.cli.pci;

/// An entry of one of the capability lists.
///
/// @param offset where it starts in config space
/// @param id 8 bits, or 16 in the extended list
/// @param version of an extended capability, else 0
/// @param extended which list it is in
record Capability(int offset, int id, int version, boolean extended) {}
