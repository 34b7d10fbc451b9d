package io.vfiouser.trace.capture;

import io.netty.buffer.ByteBuf;
import io.vfiouser.protocol.Command.Direction;
import io.vfiouser.trace.RegisterNames;
import io.vfiouser.trace.TracedMessage;
import java.time.Instant;
import java.util.Objects;

/// One thing in a capture.
public sealed interface CaptureRecord {
    /// When it happened.
    Instant time();

    /// Whose it is.
    String device();

    /// A message went by.
    record Message(TracedMessage message) implements CaptureRecord {
        /// Checks that it is there.
        public Message {
            Objects.requireNonNull(message, "message");
        }

        @Override
        public Instant time() {
            return message.time();
        }

        @Override
        public String device() {
            return message.device();
        }
    }

    /// Client memory has other contents than it had when it was last recorded.
    ///
    /// @param session counts the clients of the device, from 1
    /// @param before which way the message went before which the contents were seen: to the device,
    ///   and it was mostly the client who had written them; from it, and it was mostly the device
    /// @param iova DMA address of the first byte
    /// @param bytes the contents; on the heap, need not be released
    record Memory(
            Instant time, String device, long session, Direction before, long iova, ByteBuf bytes)
            implements CaptureRecord {}

    /// The device has signalled an interrupt to its client.
    ///
    /// @param session counts the clients of the device, from 1
    /// @param index type of interrupt as on the wire: 0 INTx, 1 MSI, 2 MSI-X, 3 ERR, 4 REQ
    /// @param vector number within the type
    record Interrupt(Instant time, String device, long session, int index, int vector)
            implements CaptureRecord {}

    /// What the device calls its registers; comes before its messages.
    record Registers(Instant time, String device, RegisterNames names) implements CaptureRecord {}

    /// The connection of a client is gone.
    ///
    /// @param session counts the clients of the device, from 1
    /// @param reason why, in words
    record SessionEnd(Instant time, String device, long session, String reason)
            implements CaptureRecord {}
}
