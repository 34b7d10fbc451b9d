package io.vfiouser.device;

import io.vfiouser.device.irq.InterruptMessages;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.irq.IrqLine;
import io.vfiouser.device.irq.IrqMaskListener;
import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.memory.GuestMemory;
import io.vfiouser.device.memory.Iova;
import io.vfiouser.device.memory.Lease;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.pci.ConfigSpace;
import io.vfiouser.device.region.Doorbell;
import io.vfiouser.os.Errno;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The context of a device without a client: nothing is there, and nothing breaks.
final class UnattachedContext implements DeviceContext {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceContext.class);

    private final NoMemory memory = new NoMemory();
    private final NoConfigSpace config = new NoConfigSpace();

    @Override
    public String name() {
        return "unattached";
    }

    @Override
    public Logger log() {
        return LOG;
    }

    @Override
    public IrqLine irq(IrqIndex index, int subindex) {
        return IrqLine.UNWIRED;
    }

    @Override
    public IrqLine interrupt(int vector) {
        return IrqLine.UNWIRED;
    }

    @Override
    public Optional<InterruptMessages> interruptMessages() {
        return Optional.empty();
    }

    @Override
    public void watchMasks(IrqIndex index, IrqMaskListener listener) {}

    @Override
    public Installed installDoorbell(int region, Doorbell doorbell, LongConsumer rung) {
        return () -> {};
    }

    @Override
    public GuestMemory memory() {
        return memory;
    }

    @Override
    public ConfigSpace config() {
        return config;
    }

    @Override
    public void execute(Runnable task) {}

    @Override
    public boolean onLoop() {
        return false;
    }

    @Override
    public LoopTask loopTask(Runnable work) {
        return LoopTask.NONE;
    }

    @Override
    public Scheduled schedule(Duration delay, Runnable task) {
        return () -> {};
    }

    private static final class NoMemory implements GuestMemory {
        @Override
        public Lease lease(long iova, long length, AccessMode mode) {
            throw nothingAt(iova);
        }

        @Override
        public Lease standingLease(long iova, long length, AccessMode mode) {
            throw nothingAt(iova);
        }

        @Override
        public Completion read(long iova, MemorySegment into) {
            throw nothingAt(iova);
        }

        @Override
        public Completion write(long iova, MemorySegment from) {
            throw nothingAt(iova);
        }

        @Override
        public Completion readByMessage(long iova, MemorySegment into) {
            throw nothingAt(iova);
        }

        @Override
        public Completion writeByMessage(long iova, MemorySegment from) {
            throw nothingAt(iova);
        }

        @Override
        public void markDirty(long iova, long length) {
            throw nothingAt(iova);
        }

        @Override
        public boolean isDirect(long iova, long length, AccessMode mode) {
            return false;
        }

        @Override
        public List<DmaRange> ranges() {
            return List.of();
        }

        private static DeviceException nothingAt(long iova) {
            return new DeviceException(
                    Errno.ENOENT, "iova: " + Iova.hex(iova) + " (expected: an attached client)");
        }
    }

    private static final class NoConfigSpace implements ConfigSpace {
        @Override
        public int size() {
            return 256;
        }

        @Override
        public int read(int offset, int width) {
            return -1 >>> (32 - 8 * width);
        }

        @Override
        public void write(int offset, int width, int value) {}

        @Override
        public int findNextCapability(int after, int id) {
            return 0;
        }

        @Override
        public int findNextExtendedCapability(int after, int id) {
            return 0;
        }

        @Override
        public boolean busMaster() {
            return false;
        }

        @Override
        public boolean messageInterruptsEnabled() {
            return false;
        }
    }
}
