package io.vfiouser.client;

import io.vfiouser.os.Descriptors;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.DeviceSetIrqs;
import io.vfiouser.protocol.IrqAction;
import io.vfiouser.protocol.IrqData;
import java.time.Duration;
import java.util.Optional;

/// One interrupt vector of the device, for a thread that waits (spec: "VFIO_USER_DEVICE_SET_IRQS").
///
/// May be used from any thread that is not an event loop; its eventfd is closed with the client.
public final class RemoteIrq {
    private final Blocking blocking;
    private final int index;
    private final int vector;
    private Optional<EventFd> armed = Optional.empty();
    private boolean closed;

    RemoteIrq(Blocking blocking, int index, int vector) {
        this.blocking = blocking;
        this.index = index;
        this.vector = vector;
    }

    /// The interrupt type: 0 INTx, 1 MSI, 2 MSI-X, 3 ERR, 4 REQ.
    public int index() {
        return index;
    }

    /// The number of the vector within its type.
    public int vector() {
        return vector;
    }

    /// Gives the server a new eventfd to signal; one from an earlier call is closed.
    ///
    /// @return the eventfd, which stays with this object
    /// @throws RemoteErrorException if the server refuses
    public synchronized EventFd arm() {
        if (closed) {
            throw new IllegalStateException(this + ": closed (expected: open)");
        }
        AsyncCommands commands = blocking.commands();
        EventFd eventFd = EventFd.create();
        try {
            var descriptors = FdBundle.of(Descriptors.duplicate(eventFd.fd()));
            var request = request(IrqAction.TRIGGER, new IrqData.Eventfd());
            blocking.await(commands.setIrqs(request, descriptors));
        } catch (RuntimeException e) {
            eventFd.close();
            throw e;
        }
        armed.ifPresent(EventFd::close);
        armed = Optional.of(eventFd);
        return eventFd;
    }

    /// Waits for interrupts and takes those that have come.
    ///
    /// @return how many came since the last call; 0 if none came in time
    /// @throws IllegalStateException unless armed
    public long await(Duration timeout) {
        EventFd eventFd = eventFd();
        return eventFd.await(timeout) ? eventFd.drain() : 0;
    }

    /// Takes the interrupts that have come, without waiting.
    ///
    /// @return how many came since the last call
    /// @throws IllegalStateException unless armed
    public long take() {
        return eventFd().drain();
    }

    /// Has the server forget the eventfd, and closes it.
    ///
    /// @throws RemoteErrorException if the server refuses
    public synchronized void disarm() {
        set(IrqAction.TRIGGER, new IrqData.Eventfd());
        armed.ifPresent(EventFd::close);
        armed = Optional.empty();
    }

    /// Has the server signal the eventfd, as a loopback test.
    ///
    /// @throws RemoteErrorException if the server refuses
    public void trigger() {
        set(IrqAction.TRIGGER, new IrqData.None());
    }

    /// Keeps the vector from firing.
    ///
    /// @throws RemoteErrorException if the server refuses
    public void mask() {
        set(IrqAction.MASK, new IrqData.None());
    }

    /// Lets the vector fire again.
    ///
    /// @throws RemoteErrorException if the server refuses
    public void unmask() {
        set(IrqAction.UNMASK, new IrqData.None());
    }

    /// Such as `IRQ 2 vector 5`.
    @Override
    public String toString() {
        return "IRQ " + index + " vector " + vector;
    }

    /// Closes the eventfd without a message; idempotent.
    synchronized void close() {
        closed = true;
        armed.ifPresent(EventFd::close);
        armed = Optional.empty();
    }

    private void set(IrqAction action, IrqData data) {
        blocking.await(blocking.commands().setIrqs(request(action, data), FdBundle.empty()));
    }

    private DeviceSetIrqs request(IrqAction action, IrqData data) {
        return new DeviceSetIrqs(index, vector, 1, action, data);
    }

    private synchronized EventFd eventFd() {
        return armed.orElseThrow(
                () -> new IllegalStateException(this + ": not armed (expected: armed)"));
    }
}
