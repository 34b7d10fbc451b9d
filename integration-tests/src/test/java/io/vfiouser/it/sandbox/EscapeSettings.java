package io.vfiouser.it.sandbox;

import io.vfiouser.device.Setting;
import java.nio.file.Path;

/// What an [EscapeProvider] shall try.
///
/// @param inside a directory that may be written
/// @param outside a file that may not be opened
/// @param victim the id of a process outside
/// @param refused a TCP port that somebody listens on and that is not allowed
/// @param allowed one that is
public record EscapeSettings(
        @Setting("a directory inside") Path inside,
        @Setting("a file outside") Path outside,
        @Setting("a process outside") long victim,
        @Setting("a TCP port outside") int refused,
        @Setting("a TCP port inside") int allowed) {}
