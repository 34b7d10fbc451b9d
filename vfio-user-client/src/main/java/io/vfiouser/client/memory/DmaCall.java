package io.vfiouser.client.memory;

import io.netty.buffer.ByteBuf;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.ClientReply;
import io.vfiouser.protocol.ServerRequest;

/// One `DMA_READ` or `DMA_WRITE` of the server, to be answered.
///
/// May be kept and answered from any thread, also more than once or not at all: whether that is
/// sensible is the caller's business. Answers to a connection that has ended are dropped.
public interface DmaCall {
    /// The command. The data of a `DmaWrite` lie on the heap and need not be released.
    ServerRequest request();

    /// The id to be echoed in the reply, 0 to 0xffff.
    int messageId();

    /// Whether the server wants no reply; the methods below then send nothing, except
    /// [#replyRaw(ByteBuf)].
    boolean noReply();

    /// Sends a reply, in the dialect of the client.
    ///
    /// @param reply taken over, released if it carries data
    void reply(ClientReply reply);

    /// Sends an error reply, header only.
    void refuse(Errno errno);

    /// Sends any bytes as they are, header included, for tests of the server's patience.
    ///
    /// @param message taken over
    void replyRaw(ByteBuf message);
}
