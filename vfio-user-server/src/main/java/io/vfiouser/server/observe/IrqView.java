package io.vfiouser.server.observe;

import io.vfiouser.device.irq.IrqIndex;

/// One interrupt of a device, for the client that is there.
///
/// @param index its type
/// @param vector its number within the type
/// @param armed whether the client listens to it
/// @param masked whether the client has masked it in whatever way
/// @param pending whether it waits for being armed or unmasked
/// @param count how often it was signalled to this client
public record IrqView(
        IrqIndex index, int vector, boolean armed, boolean masked, boolean pending, long count) {}
