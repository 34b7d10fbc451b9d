package io.vfiouser.protocol;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Objects;

/// The data of a `DEVICE_FEATURE` request or reply.
public sealed interface Feature {
    /// The bytes of the data on the wire.
    int wireSize();

    /// No data: a request that reads a feature without arguments.
    record None() implements Feature {
        @Override
        public int wireSize() {
            return 0;
        }
    }

    /// What kinds of migration the device can do (feature 1, `GET` reply).
    ///
    /// @param flags [#STOP_COPY], [#P2P], [#PRE_COPY]; bits without a meaning are kept
    record Migration(long flags) implements Feature {
        /// Flag: the state can be read while the device is stopped.
        public static final long STOP_COPY = 1;

        /// Flag: the device has states in which only its peers are quiet.
        public static final long P2P = 2;

        /// Flag: the state can be read while the device runs.
        public static final long PRE_COPY = 4;

        @Override
        public int wireSize() {
            return WireFormat.FEATURE_MIGRATION_SIZE;
        }
    }

    /// The migration state (feature 2; `SET` request, `GET` and `SET` reply).
    ///
    /// @param state the state to go to, or the state the device is in
    /// @param dataFd unused; 0, or what the client sent
    record MigDeviceState(MigrationState state, int dataFd) implements Feature {
        /// Checks that there is a state.
        public MigDeviceState {
            Objects.requireNonNull(state, "state");
        }

        @Override
        public int wireSize() {
            return WireFormat.FEATURE_STATE_SIZE;
        }
    }

    /// Start to log which pages the device writes (feature 6, `SET`).
    ///
    /// @param pageSize bytes of a page, unsigned
    /// @param ranges what to log; empty for everything
    record DmaLoggingStart(long pageSize, List<Range> ranges) implements Feature {
        /// Keeps a copy of the list.
        public DmaLoggingStart {
            ranges = List.copyOf(ranges);
        }

        @Override
        public int wireSize() {
            return Math.addExact(
                    WireFormat.FEATURE_LOGGING_SIZE,
                    Math.multiplyExact(WireFormat.FEATURE_LOGGING_RANGE_SIZE, ranges.size()));
        }

        /// A range of client memory.
        ///
        /// @param iova first byte
        /// @param length bytes, unsigned
        public record Range(long iova, long length) {}
    }

    /// Stop to log (feature 7, `SET`).
    ///
    /// @param data what the client sent along, without meaning; read-only, need not be released
    record DmaLoggingStop(ByteBuf data) implements Feature {
        /// Keeps a copy of the readable bytes.
        public DmaLoggingStop {
            data = Checks.constant(data);
        }

        @Override
        public int wireSize() {
            return data.readableBytes();
        }
    }

    /// Asks which pages were written (feature 8, `GET` request).
    ///
    /// @param iova first byte
    /// @param length bytes, unsigned
    /// @param pageSize bytes that one bit of the bitmap stands for, unsigned
    record DmaLoggingReport(long iova, long length, long pageSize) implements Feature {
        @Override
        public int wireSize() {
            return WireFormat.FEATURE_REPORT_SIZE;
        }
    }

    /// Which pages were written (feature 8, `GET` reply).
    ///
    /// Bit k of byte j stands for page 8j+k, counted from `iova`; padded to a multiple of 8 bytes.
    ///
    /// @param iova as in the request
    /// @param length as in the request
    /// @param pageSize as in the request
    /// @param bitmap the bitmap; owned by the reply that carries it
    record DmaLoggingBitmap(long iova, long length, long pageSize, ByteBuf bitmap)
            implements Feature {
        /// Checks that there is a bitmap.
        public DmaLoggingBitmap {
            Objects.requireNonNull(bitmap, "bitmap");
        }

        @Override
        public int wireSize() {
            return Math.addExact(WireFormat.FEATURE_REPORT_SIZE, bitmap.readableBytes());
        }
    }

    /// Data as they came: those of a probe, of an unknown feature, or of an operation that the
    /// feature does not have.
    ///
    /// @param data the bytes; read-only, need not be released
    record Unknown(ByteBuf data) implements Feature {
        /// Keeps a copy of the readable bytes.
        public Unknown {
            data = Checks.constant(data);
        }

        @Override
        public int wireSize() {
            return data.readableBytes();
        }
    }
}
