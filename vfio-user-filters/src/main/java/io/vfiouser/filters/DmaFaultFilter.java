package io.vfiouser.filters;

import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.Iova;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;

/// Makes the device's accesses to client memory fail, as if the client had mapped it otherwise.
///
/// What a device leases once and keeps fails when it is leased, or not at all.
public final class DmaFaultFilter extends DeviceFilter {
    private final Trigger trigger;
    private final ErrorSource reads;
    private final ErrorSource writes;

    /// A filter that is enabled.
    public DmaFaultFilter(DmaFaultSettings settings) {
        super("dma-fault");
        this.trigger = new Trigger(settings.trigger());
        this.reads = new ErrorSource(settings.read(), settings.seed());
        this.writes = new ErrorSource(settings.write(), settings.seed());
    }

    @Override
    protected void dma(AccessMode mode, long iova, long length) {
        if (!trigger.isThere()) {
            return;
        }
        Errno errno = (mode.writes() ? writes : reads).next();
        if (errno != null) {
            throw new DeviceException(
                    errno,
                    "iova: %s, length: 0x%x: failed by the dma-fault filter"
                            .formatted(Iova.hex(iova), length));
        }
    }
}
