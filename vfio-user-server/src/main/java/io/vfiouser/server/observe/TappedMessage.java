package io.vfiouser.server.observe;

import io.netty.buffer.ByteBuf;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.Command.Direction;
import io.vfiouser.protocol.Dialect;
import java.time.Instant;

/// One message on its way, as a [MessageTap] sees it. Borrowed: what is to live longer than the
/// call is copied.
///
/// @param time when it was seen
/// @param session counts the clients of the device, from 1
/// @param direction which way the message goes; its header tells commands from replies
/// @param twin whether it goes over the second socket, which has the server's commands and their
///   replies (spec: "Twin-socket mode")
/// @param dialect how it is laid out
/// @param bytes the readable bytes are the message, header first; neither indexes nor bytes may be
///   changed
/// @param descriptors what travels with it, to be looked at only
public record TappedMessage(
        Instant time,
        long session,
        Direction direction,
        boolean twin,
        Dialect dialect,
        ByteBuf bytes,
        FdBundle descriptors) {}
