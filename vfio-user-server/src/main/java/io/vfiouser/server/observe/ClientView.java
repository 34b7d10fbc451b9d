package io.vfiouser.server.observe;

import java.time.Instant;

/// The client of a device.
///
/// @param session counts the clients of the device, from 1
/// @param since when it had negotiated
/// @param version of the protocol that it speaks, such as `0.0`
/// @param held commands that wait for the one at work
public record ClientView(long session, Instant since, String version, int held) {}
