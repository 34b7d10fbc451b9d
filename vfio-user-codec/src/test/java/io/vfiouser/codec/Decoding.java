package io.vfiouser.codec;

import io.netty.buffer.ByteBuf;
import io.vfiouser.protocol.ClientRequest;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.Message;
import io.vfiouser.protocol.Reply;
import io.vfiouser.protocol.ServerRequest;

/// Picks the decoder function for the kind of message that is expected.
final class Decoding {
    private Decoding() {}

    static Message decode(Message expected, Command command, ByteBuf frame) {
        return switch (expected) {
            case ClientRequest _ -> MessageDecoder.clientRequest(frame);
            case ServerRequest _ -> MessageDecoder.serverRequest(frame);
            case Reply _ -> reply(command, frame);
        };
    }

    static Reply reply(Command command, ByteBuf frame) {
        return command.direction() == Command.Direction.CLIENT_TO_SERVER
                ? MessageDecoder.serverReply(command, frame)
                : MessageDecoder.clientReply(command, frame);
    }
}
