package io.vfiouser.devices.nvme.control;

import io.vfiouser.device.region.RegisterBlock;
import io.vfiouser.devices.nvme.queue.Interrupts;
import io.vfiouser.devices.nvme.spec.Limits;
import io.vfiouser.devices.nvme.spec.RegisterOffset;

/// The registers below the doorbells (NVMe 1.4: "Register Definition"): what they hold, and what
/// the host means by writing them.
final class ControllerRegisters {
    private static final int VERSION = 0x0001_0400;

    // CAP: 4096 entries, contiguous queues, 15 s, subsystem reset, NVM command set, page sizes.
    private static final long CAP =
            (Limits.QUEUE_ENTRIES - 1)
                    | 1L << 16
                    | 30L << 24
                    | 1L << 36
                    | 1L << 37
                    | (long) Limits.MAX_PAGE_SIZE_POWER << 52;

    private static final int CC_WRITABLE = 0x00ff_fff1;
    private static final int CC_ENABLE = 1;
    private static final int CC_ENTRY_SIZES = 0x00ff_0000;
    private static final int CC_ONLY_ENTRY_SIZES = 0x0046_0000;

    private static final int CSTS_READY = 1;
    private static final int CSTS_FATAL = 1 << 1;
    private static final int CSTS_SHUTDOWN = 3 << 2;
    private static final int CSTS_SUBSYSTEM_RESET = 1 << 4;

    private static final int SUBSYSTEM_RESET = 0x4e56_4d65; // "NVMe"
    private static final int AQA_WRITABLE = 0x0fff_0fff;
    private static final long ADDRESS = ~0xfffL;

    private final Interrupts interrupts;
    private final Control control;
    private int cc;
    private int csts;
    private int aqa;
    private long asq;
    private long acq;

    /// What the host can ask for by writing registers.
    interface Control {
        /// CC.EN went from 0 to 1.
        void enable();

        /// CC.EN went from 1 to 0.
        void disable();

        /// The host wants to switch off.
        void shutdown();

        /// The host wants the whole subsystem reset.
        void resetSubsystem();
    }

    /// All registers at their reset values.
    ControllerRegisters(Interrupts interrupts, Control control) {
        this.interrupts = interrupts;
        this.control = control;
    }

    RegisterBlock block() {
        return RegisterBlock.builder()
                .constant(RegisterOffset.CAP, 8, "CAP", CAP)
                .constant(RegisterOffset.VS, 4, "VS", VERSION)
                .readWrite(
                        RegisterOffset.INTMS,
                        4,
                        "INTMS",
                        interrupts::masked,
                        bits -> interrupts.mask((int) bits))
                .readWrite(
                        RegisterOffset.INTMC,
                        4,
                        "INTMC",
                        interrupts::masked,
                        bits -> interrupts.unmask((int) bits))
                .readWrite(RegisterOffset.CC, 4, "CC", () -> cc, this::configure)
                .readWrite(RegisterOffset.CSTS, 4, "CSTS", () -> csts, this::clearStatus)
                .readWrite(RegisterOffset.NSSR, 4, "NSSR", () -> 0, this::resetSubsystem)
                .readWrite(
                        RegisterOffset.AQA,
                        4,
                        "AQA",
                        () -> aqa,
                        value -> aqa = (int) value & AQA_WRITABLE)
                .readWrite(RegisterOffset.ASQ, 8, "ASQ", () -> asq, value -> asq = value & ADDRESS)
                .readWrite(RegisterOffset.ACQ, 8, "ACQ", () -> acq, value -> acq = value & ADDRESS)
                .mergePartialWrites()
                .build();
    }

    /// Everything as after power-on; the admin queue registers only if `all`, as a controller reset
    /// keeps them.
    void reset(boolean all) {
        csts &= CSTS_SUBSYSTEM_RESET;
        if (all) {
            cc = 0;
            csts = 0;
            aqa = 0;
            asq = 0;
            acq = 0;
        }
    }

    boolean isEnabled() {
        return (cc & CC_ENABLE) != 0;
    }

    boolean isReady() {
        return (csts & CSTS_READY) != 0;
    }

    /// Whether the host has shut the controller down, or it was never ready.
    boolean isSafelyDown() {
        return !isReady() || (csts & CSTS_SHUTDOWN) == 2 << 2;
    }

    /// Whether it takes commands: ready, not failed, not shut down.
    boolean isRunning() {
        return (csts & (CSTS_READY | CSTS_FATAL | CSTS_SHUTDOWN)) == CSTS_READY;
    }

    void setReady() {
        csts |= CSTS_READY;
    }

    void setFatal() {
        csts |= CSTS_FATAL;
    }

    void setSubsystemReset() {
        cc = 0;
        csts |= CSTS_SUBSYSTEM_RESET;
    }

    /// CSTS.SHST: 0 none, 1 at work, 2 complete.
    void setShutdown(int state) {
        csts = (csts & ~CSTS_SHUTDOWN) | state << 2;
    }

    /// Whether CC and the admin queue registers make sense together.
    boolean isConfigured() {
        boolean commandSet = (cc >>> 4 & 7) == 0;
        boolean arbitration = (cc >>> 11 & 7) == 0;
        boolean pages = (cc >>> 7 & 0xf) <= Limits.MAX_PAGE_SIZE_POWER;
        boolean queues = submissionEntries() > 1 && completionEntries() > 1;
        boolean aligned = ((asq | acq) & (pageSize() - 1)) == 0;
        return commandSet && arbitration && pages && queues && aligned;
    }

    boolean hasEntrySizes() {
        return (cc & CC_ENTRY_SIZES) == CC_ONLY_ENTRY_SIZES;
    }

    int pageSize() {
        return 1 << (Limits.MIN_PAGE_SHIFT + (cc >>> 7 & 0xf));
    }

    int submissionEntries() {
        return (aqa & 0xfff) + 1;
    }

    int completionEntries() {
        return (aqa >>> 16) + 1;
    }

    long submissionAddress() {
        return asq;
    }

    long completionAddress() {
        return acq;
    }

    /// The registers for migration.
    long[] state() {
        return new long[] {cc, csts, aqa, asq, acq};
    }

    /// The registers as another process had them.
    void restore(long[] state) {
        cc = (int) state[0] & CC_WRITABLE;
        csts = (int) state[1] & (CSTS_READY | CSTS_FATAL | CSTS_SHUTDOWN | CSTS_SUBSYSTEM_RESET);
        aqa = (int) state[2] & AQA_WRITABLE;
        asq = state[3] & ADDRESS;
        acq = state[4] & ADDRESS;
    }

    private void configure(long value) {
        int before = cc;
        cc = (int) value & CC_WRITABLE;
        boolean shutsDown = shutdown(cc) != 0 && shutdown(before) == 0;
        if (shutdown(cc) == 0 && shutdown(before) != 0) {
            setShutdown(0);
        }
        if (isEnabled() && (before & CC_ENABLE) == 0) {
            control.enable();
        } else if (!isEnabled() && (before & CC_ENABLE) != 0) {
            control.disable();
        }
        if (shutsDown) {
            control.shutdown();
        }
    }

    private static int shutdown(int cc) {
        return cc >>> 14 & 3;
    }

    private void clearStatus(long value) {
        csts &= ~((int) value & CSTS_SUBSYSTEM_RESET);
    }

    private void resetSubsystem(long value) {
        if ((int) value == SUBSYSTEM_RESET) {
            control.resetSubsystem();
        }
    }
}
