package io.vfiouser.server.handover;

import java.nio.file.Path;
import java.util.Optional;

/// A device of the process that is being taken over.
///
/// @param name under what name it is served
/// @param socket where its clients connect, if that has a path
public record Predecessor(String name, Optional<Path> socket) {}
