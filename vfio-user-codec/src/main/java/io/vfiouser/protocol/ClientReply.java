package io.vfiouser.protocol;

/// What a client may answer to a [ServerRequest].
public sealed interface ClientReply extends Reply
        permits DmaRead.Reply, DmaWrite.Reply, EmptyReply, ErrorReply {}
