package io.vfiouser.testkit.vmm;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.DeviceSetIrqs;
import io.vfiouser.protocol.IrqAction;
import io.vfiouser.protocol.IrqData;
import java.time.Duration;

/// One interrupt of the function, as a driver has it: the pin, or a message. What came while nobody
/// waited is kept. From any threads but an event loop.
public final class GuestInterrupt {
    private final Link link;
    private final int index;
    private final int vector;
    private final EventFd eventFd = EventFd.create();
    private volatile boolean masked;

    GuestInterrupt(Link link, int index, int vector) {
        this.link = link;
        this.index = index;
        this.vector = vector;
    }

    /// Its number, from 0 on.
    public int vector() {
        return vector;
    }

    /// Waits until it comes, and takes it.
    ///
    /// @return how often it came since it was taken last; 0 if it did not in time
    public long await(Duration timeout) {
        return eventFd.await(timeout) ? eventFd.drain() : 0;
    }

    /// Takes it without waiting.
    ///
    /// @return how often it came since it was taken last
    public long take() {
        return eventFd.drain();
    }

    /// Masks it: what fires meanwhile is kept by the device.
    public void mask() {
        masked = true;
        set(link.client(), IrqAction.MASK);
    }

    /// Unmasks it; what was kept fires. For the pin this is the end of interrupt: as long as the
    /// device holds the level, it fires again.
    public void unmask() {
        masked = false;
        set(link.client(), IrqAction.UNMASK);
    }

    /// Such as `MSI-X 3`.
    @Override
    public String toString() {
        return switch (index) {
            case PciFunction.INTX -> "INTx";
            case PciFunction.MSI -> "MSI " + vector;
            default -> "MSI-X " + vector;
        };
    }

    /// Gives a server the eventfd, as it is now.
    void arm(VfioUserClient client) {
        var descriptors = FdBundle.of(Descriptors.duplicate(eventFd.fd()));
        client.setIrqs(
                new DeviceSetIrqs(index, vector, 1, IrqAction.TRIGGER, new IrqData.Eventfd()),
                descriptors);
        if (masked) {
            set(client, IrqAction.MASK);
        }
    }

    void close() {
        eventFd.close();
    }

    private void set(VfioUserClient client, IrqAction action) {
        client.setIrqs(
                new DeviceSetIrqs(index, vector, 1, action, new IrqData.None()), FdBundle.empty());
    }
}
