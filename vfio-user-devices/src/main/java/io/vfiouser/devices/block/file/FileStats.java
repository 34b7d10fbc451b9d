package io.vfiouser.devices.block.file;

/// How the requests of a [FileBackend] were done so far. Those that it refused are not among them.
///
/// @param atOnce within [FileBackend#submit], without waiting: a file in memory, or what the page
///   cache had or took
/// @param byThreads by threads that wait for the disk
/// @param missed those of `byThreads` that were tried at once before
public record FileStats(long atOnce, long byThreads, long missed) {}
