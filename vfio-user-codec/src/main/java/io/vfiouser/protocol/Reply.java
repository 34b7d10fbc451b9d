package io.vfiouser.protocol;

/// A message that answers a [Request]; it carries the id and the command number of that request.
public sealed interface Reply extends Message permits ServerReply, ClientReply {}
