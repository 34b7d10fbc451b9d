package io.vfiouser.filters;

import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.Iova;
import io.vfiouser.os.Errno;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/// One thing that happened between a device and its client; its text is one line.
public sealed interface TraceEvent {
    /// The client has read or written a region, and has its answer.
    ///
    /// @param place where, as [FilteredRegion#place] says it
    /// @param size bytes, at least 1
    /// @param value the first eight bytes at most, little-endian; 0 for a read that failed
    /// @param error how it failed, if it did
    /// @param took how long the device took for its answer; zero if it answered at once
    record Access(
            AccessKind kind,
            String place,
            long size,
            long value,
            Optional<Errno> error,
            Duration took)
            implements TraceEvent {
        /// Such as `write BAR2.OUT0_7 = 0x01`, `read BAR0+0x40 = 0x706050403020100.. 512 bytes`,
        /// `read BAR2.IN0_7: EIO`.
        @Override
        public String toString() {
            String result = error.map(errno -> ": " + errno).orElse(" = " + bytes());
            String late = took.isZero() ? "" : " after " + millis(took);
            return kind + " " + place + result + late;
        }

        private String bytes() {
            int digits = (int) Math.min(size, Long.BYTES) * 2;
            String hex = Long.toHexString(value);
            String padded = "0".repeat(Math.max(0, digits - hex.length())) + hex;
            return "0x" + padded + (size > Long.BYTES ? ".. " + size + " bytes" : "");
        }

        private static String millis(Duration time) {
            return String.format(Locale.ROOT, "%.1f ms", time.toNanos() / 1e6);
        }
    }

    /// The device has fired an interrupt, or taken it back.
    ///
    /// @param armed whether the client listens to it
    record Interrupt(IrqIndex index, int vector, IrqSignal signal, boolean armed)
            implements TraceEvent {
        /// Such as `irq MSIX.3 trigger`, `irq INTX.0 raise, nobody listens`.
        @Override
        public String toString() {
            String heard = armed || signal == IrqSignal.LOWER ? "" : ", nobody listens";
            return "irq %s.%d %s%s"
                    .formatted(index, vector, signal.name().toLowerCase(Locale.ROOT), heard);
        }
    }

    /// The device has reached for client memory.
    ///
    /// @param iova first address, unsigned
    /// @param length bytes
    record Dma(AccessMode mode, long iova, long length) implements TraceEvent {
        /// Such as `dma read_write 0x100000+0x1000`.
        @Override
        public String toString() {
            return "dma %s %s+0x%x"
                    .formatted(mode.name().toLowerCase(Locale.ROOT), Iova.hex(iova), length);
        }
    }

    /// The device has been reset.
    record Reset(ResetReason reason) implements TraceEvent {
        /// Such as `reset device_reset`.
        @Override
        public String toString() {
            return "reset " + reason.name().toLowerCase(Locale.ROOT);
        }
    }

    /// A client has come.
    record Attached() implements TraceEvent {
        /// `client attached`.
        @Override
        public String toString() {
            return "client attached";
        }
    }

    /// The client has gone.
    record Detached() implements TraceEvent {
        /// `client gone`.
        @Override
        public String toString() {
            return "client gone";
        }
    }
}
