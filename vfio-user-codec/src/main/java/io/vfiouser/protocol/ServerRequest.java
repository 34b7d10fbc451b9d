package io.vfiouser.protocol;

/// What a server, the side with the device, may ask of the client.
public sealed interface ServerRequest extends Request permits DmaRead, DmaWrite {}
