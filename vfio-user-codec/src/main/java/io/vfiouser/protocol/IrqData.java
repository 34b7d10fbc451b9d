package io.vfiouser.protocol;

import io.netty.buffer.ByteBuf;

/// Which of the vectors a `DEVICE_SET_IRQS` means, or what it gives to them.
public sealed interface IrqData {
    /// The flag on the wire.
    int bit();

    /// All vectors of the range; with 0 vectors and `TRIGGER` the whole interrupt type is disabled.
    record None() implements IrqData {
        @Override
        public int bit() {
            return WireFormat.IRQ_DATA_NONE;
        }
    }

    /// One byte per vector.
    ///
    /// @param bytes the bytes, vector `start` first; read-only, need not be released
    record Bool(ByteBuf bytes) implements IrqData {
        /// Keeps a copy of the readable bytes.
        public Bool {
            bytes = Checks.constant(bytes);
        }

        /// The number of vectors.
        public int count() {
            return bytes.readableBytes();
        }

        /// Whether vector `start + i` is meant: its byte is exactly 1.
        public boolean isSet(int i) {
            return bytes.getByte(i) == 1;
        }

        @Override
        public int bit() {
            return WireFormat.IRQ_DATA_BOOL;
        }
    }

    /// One eventfd per vector, as descriptors beside the message; none to unset the range.
    record Eventfd() implements IrqData {
        @Override
        public int bit() {
            return WireFormat.IRQ_DATA_EVENTFD;
        }
    }
}
