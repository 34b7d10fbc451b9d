package io.vfiouser.protocol;

import io.netty.buffer.ByteBuf;
import io.vfiouser.os.Errno;

/// The 16 bytes at the start of every message (spec: "Header").
///
/// | field        | offset | bytes |
/// |--------------|--------|-------|
/// | message id   | 0      | 2     |
/// | command      | 2      | 2     |
/// | message size | 4      | 4     |
/// | flags        | 8      | 4     |
/// | error        | 12     | 4     |
///
/// The static accessors read one field straight from a buffer, without making a record; they
/// neither move its indexes nor check more than its capacity.
///
/// @param messageId chosen by the sender of the command and echoed in the reply, 0 to 0xffff
/// @param commandId number of the command, also in its reply, 0 to 0xffff
/// @param size bytes of the whole message, header included, as an unsigned 32-bit number
/// @param flags type in bits 0 to 3, then `no reply` and `error`; reserved bits as they came
/// @param error errno of an error reply, else 0
public record MessageHeader(int messageId, int commandId, long size, int flags, int error) {
    private static final int MAX_ERRNO = 4095;

    /// Checks that the fields fit their places.
    ///
    /// @throws IllegalArgumentException if `messageId`, `commandId` or `size` does not fit
    public MessageHeader {
        Checks.u16("messageId", messageId);
        Checks.u16("commandId", commandId);
        Checks.u32("size", size);
    }

    /// Reads the header that starts at `index` of `buffer`, which must hold 16 bytes from there.
    public static MessageHeader read(ByteBuf buffer, int index) {
        return new MessageHeader(
                messageId(buffer, index),
                commandId(buffer, index),
                size(buffer, index),
                flags(buffer, index),
                error(buffer, index));
    }

    /// The message id of the header at `index`.
    public static int messageId(ByteBuf buffer, int index) {
        return buffer.getUnsignedShortLE(index + WireFormat.HEADER_MESSAGE_ID_AT);
    }

    /// The command number of the header at `index`.
    public static int commandId(ByteBuf buffer, int index) {
        return buffer.getUnsignedShortLE(index + WireFormat.HEADER_COMMAND_AT);
    }

    /// The size in bytes of the message whose header is at `index`, as an unsigned number.
    public static long size(ByteBuf buffer, int index) {
        return buffer.getUnsignedIntLE(index + WireFormat.HEADER_MESSAGE_SIZE_AT);
    }

    /// The flags of the header at `index`.
    public static int flags(ByteBuf buffer, int index) {
        return buffer.getIntLE(index + WireFormat.HEADER_FLAGS_AT);
    }

    /// The type of the header at `index`: [WireFormat#TYPE_COMMAND], [WireFormat#TYPE_REPLY] or a
    /// number without meaning.
    public static int type(ByteBuf buffer, int index) {
        return flags(buffer, index) & WireFormat.TYPE_MASK;
    }

    /// Whether the header at `index` is that of a command whose sender wants no reply.
    public static boolean noReply(ByteBuf buffer, int index) {
        return (flags(buffer, index) & WireFormat.FLAG_NO_REPLY) != 0;
    }

    /// Whether the header at `index` is that of an error reply.
    public static boolean isError(ByteBuf buffer, int index) {
        return (flags(buffer, index) & WireFormat.FLAG_ERROR) != 0;
    }

    /// The error field of the header at `index`, whatever the flags say.
    public static int error(ByteBuf buffer, int index) {
        return buffer.getIntLE(index + WireFormat.HEADER_ERROR_AT);
    }

    /// The errno that an error field stands for: `EINVAL` if it is 0 or no errno.
    public static Errno errnoOf(int error) {
        return error > 0 && error <= MAX_ERRNO ? Errno.of(error) : Errno.EINVAL;
    }

    /// Appends the 16 bytes of this header to `out`.
    public void write(ByteBuf out) {
        out.writeShortLE(messageId);
        out.writeShortLE(commandId);
        out.writeIntLE((int) size);
        out.writeIntLE(flags);
        out.writeIntLE(error);
    }

    /// The type bits: [WireFormat#TYPE_COMMAND], [WireFormat#TYPE_REPLY] or a number without
    /// meaning.
    public int type() {
        return flags & WireFormat.TYPE_MASK;
    }

    /// Whether the sender of this command wants no reply.
    public boolean noReply() {
        return (flags & WireFormat.FLAG_NO_REPLY) != 0;
    }

    /// Whether this is the header of an error reply.
    public boolean isError() {
        return (flags & WireFormat.FLAG_ERROR) != 0;
    }

    /// The errno of an error reply: `EINVAL` if the error field is 0 or no errno.
    public Errno errno() {
        return errnoOf(error);
    }
}
