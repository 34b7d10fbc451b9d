package io.vfiouser.client;

import io.netty.buffer.ByteBuf;
import io.vfiouser.codec.LegacyDecoder;
import io.vfiouser.codec.LegacyEncoder;
import io.vfiouser.codec.MessageDecoder;
import io.vfiouser.codec.MessageEncoder;
import io.vfiouser.protocol.ClientRequest;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.EmptyReply;
import io.vfiouser.protocol.ErrorReply;
import io.vfiouser.protocol.LegacyCommand;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.ServerReply;

/// How a client lays out its commands and reads the replies. Commands have their numbers of today
/// everywhere else.
enum ClientWire {
    /// The protocol of today.
    CURRENT {
        @Override
        void encode(
                ByteBuf out, int id, ClientRequest request, boolean descriptor, boolean noReply) {
            MessageEncoder.encode(out, id, request, noReply);
        }

        @Override
        boolean answers(int commandId, int inReply) {
            return commandId == inReply;
        }

        @Override
        ServerReply goodOrBad(Command command, ByteBuf frame) {
            return MessageDecoder.serverReply(command, frame);
        }
    },
    /// The protocol of February 2021, whose replies have no command.
    LEGACY {
        @Override
        void encode(
                ByteBuf out, int id, ClientRequest request, boolean descriptor, boolean noReply) {
            LegacyEncoder.encode(out, id, request, descriptor, noReply);
        }

        @Override
        boolean answers(int commandId, int inReply) {
            return true;
        }

        @Override
        ServerReply reply(int commandId, ByteBuf frame) {
            // Its number is free today.
            return commandId == LegacyCommand.DIRTY_PAGES.id()
                    ? LegacyDecoder.serverReply(LegacyCommand.DIRTY_PAGES, frame)
                    : super.reply(commandId, frame);
        }

        @Override
        ServerReply goodOrBad(Command command, ByteBuf frame) {
            return LegacyDecoder.serverReply(LegacyCommand.of(command).orElseThrow(), frame);
        }
    };

    static ClientWire of(Dialect dialect) {
        return switch (dialect) {
            case CURRENT -> CURRENT;
            case LEGACY -> LEGACY;
        };
    }

    /// Appends a command.
    ///
    /// @param descriptor whether a descriptor goes along
    abstract void encode(
            ByteBuf out, int id, ClientRequest request, boolean descriptor, boolean noReply);

    /// Whether a reply with the command `inReply` can be one to `commandId`.
    abstract boolean answers(int commandId, int inReply);

    /// Reads the reply to a command of a client.
    abstract ServerReply goodOrBad(Command command, ByteBuf frame);

    /// Reads the reply to any command, also to one that nobody knows.
    ServerReply reply(int commandId, ByteBuf frame) {
        Command command = Command.of(commandId).orElse(null);
        if (command != null && command.direction() == Command.Direction.CLIENT_TO_SERVER) {
            return goodOrBad(command, frame);
        }
        int start = frame.readerIndex();
        return MessageHeader.isError(frame, start)
                ? new ErrorReply(MessageHeader.errnoOf(MessageHeader.error(frame, start)))
                : EmptyReply.INSTANCE;
    }
}
