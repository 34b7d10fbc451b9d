package io.vfiouser.fuzz;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.ReferenceCountUtil;
import io.vfiouser.codec.LegacyDecoder;
import io.vfiouser.codec.LegacyEncoder;
import io.vfiouser.codec.MessageDecoder;
import io.vfiouser.codec.MessageEncoder;
import io.vfiouser.codec.ProtocolViolationException;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.codec.WireTrace;
import io.vfiouser.protocol.ClientRequest;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.LegacyCommand;
import io.vfiouser.protocol.LegacyRequest;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.UnknownRequest;
import java.util.List;
import java.util.function.Supplier;

/// One message of any kind, read in every way there is and in both dialects: a message or one of
/// two exceptions, no reference left behind, and a request is the same after it is written again.
///
/// Input: a message, header first; its size field is put right.
public final class CommandBodiesFuzz {
    private static final List<Command> COMMANDS = List.of(Command.values());
    private static final List<LegacyCommand> LEGACY = List.of(LegacyCommand.values());
    private static final int HEADER = 16;
    private static final int SIZE_AT = 4;

    private CommandBodiesFuzz() {}

    /// Runs one input.
    public static void fuzzerTestOneInput(byte[] bytes) {
        if (bytes.length < HEADER) {
            return;
        }
        ByteBuf frame = Unpooled.copiedBuffer(bytes);
        frame.setIntLE(SIZE_AT, bytes.length);
        int id = MessageHeader.commandId(frame, 0);

        WireTrace.describe(frame);
        WireTrace.describe(frame, Dialect.LEGACY);
        attempt(frame, () -> MessageDecoder.clientRequest(frame));
        attempt(frame, () -> MessageDecoder.serverRequest(frame));
        attempt(frame, () -> LegacyDecoder.clientRequest(frame));
        attempt(frame, () -> LegacyDecoder.dmaRequest(frame));
        attempt(frame, () -> LegacyDecoder.interruptVector(frame));
        Command command = COMMANDS.get(Math.floorMod(id, COMMANDS.size()));
        attempt(frame, () -> reply(Command.of(id).orElse(command), frame));
        LegacyCommand legacy = LEGACY.get(Math.floorMod(id, LEGACY.size()));
        if (legacy.id() <= LegacyCommand.DEVICE_RESET.id() && isClients(legacy)) {
            attempt(frame, () -> LegacyDecoder.serverReply(legacy, frame));
        }
        writtenAgain(frame);
        frame.release();
    }

    private static boolean isClients(LegacyCommand command) {
        return command != LegacyCommand.DMA_READ
                && command != LegacyCommand.DMA_WRITE
                && command != LegacyCommand.VM_INTERRUPT;
    }

    private static Object reply(Command command, ByteBuf frame) {
        return command.direction() == Command.Direction.CLIENT_TO_SERVER
                ? MessageDecoder.serverReply(command, frame)
                : MessageDecoder.clientReply(command, frame);
    }

    private static void attempt(ByteBuf frame, Supplier<Object> decode) {
        int references = frame.refCnt();
        try {
            ReferenceCountUtil.release(released(decode.get()));
        } catch (RequestRejectedException | ProtocolViolationException e) {
            Wording.check(e);
        }
        if (frame.refCnt() != references) {
            throw new AssertionError("references left: " + (frame.refCnt() - references));
        }
    }

    private static Object released(Object message) {
        return message instanceof LegacyRequest.Same(var request) ? request : message;
    }

    private static void writtenAgain(ByteBuf frame) {
        ByteBuf out = Unpooled.buffer();
        try {
            ClientRequest first = MessageDecoder.clientRequest(frame);
            if (!(first instanceof UnknownRequest)) {
                MessageEncoder.encode(out, 1, first, false);
                requireSame(first, MessageDecoder.clientRequest(out));
            }
            ReferenceCountUtil.release(first);
        } catch (RequestRejectedException e) {
            Wording.check(e);
        }
        out.clear();
        try {
            LegacyRequest first = LegacyDecoder.clientRequest(frame);
            if (!(first instanceof LegacyRequest.Same(UnknownRequest _))) {
                LegacyEncoder.encode(out, 1, first, false);
                LegacyRequest second = LegacyDecoder.clientRequest(out);
                requireSame(first, second);
            }
            ReferenceCountUtil.release(released(first));
        } catch (RequestRejectedException e) {
            Wording.check(e);
        }
    }

    private static void requireSame(Object first, Object second) {
        if (!first.equals(second)) {
            throw new AssertionError("%s written and read: %s".formatted(first, second));
        }
        ReferenceCountUtil.release(released(second));
    }
}
