package io.vfiouser.server.dispatch;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.os.Errno;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.DeviceGetIrqInfo;
import io.vfiouser.protocol.DeviceSetIrqs;
import io.vfiouser.protocol.IrqAction;
import io.vfiouser.protocol.IrqData;
import io.vfiouser.protocol.IrqFlags;
import io.vfiouser.server.irq.IrqTable;
import java.util.ArrayList;
import java.util.List;

/// DEVICE_GET_IRQ_INFO and DEVICE_SET_IRQS (spec: "VFIO_USER_DEVICE_SET_IRQS").
///
/// A refused request changes nothing. Types without vectors can be disabled: QEMU disables types
/// defensively.
final class IrqCommands {
    private static final IrqFlags LEVEL =
            new IrqFlags(IrqFlags.EVENTFD | IrqFlags.MASKABLE | IrqFlags.AUTOMASKED);
    private static final IrqFlags MESSAGE =
            new IrqFlags(IrqFlags.EVENTFD | IrqFlags.MASKABLE | IrqFlags.NORESIZE);

    private final IrqTable irqs;

    IrqCommands(IrqTable irqs) {
        this.irqs = irqs;
    }

    DeviceGetIrqInfo.Reply info(DeviceGetIrqInfo request) {
        IrqIndex index = index(request.index());
        IrqFlags flags =
                switch (index) {
                    case INTX -> LEVEL;
                    case MSI, MSIX -> MESSAGE;
                    case ERR, REQ -> IrqFlags.EVENTFD_ONLY;
                };
        return new DeviceGetIrqInfo.Reply(flags, request.index(), irqs.count(index));
    }

    void set(DeviceSetIrqs request, FdBundle descriptors) {
        IrqIndex index = index(request.index());
        int start = request.start();
        int count = request.count();
        checkShape(request, index, descriptors);
        if (count == 0) {
            irqs.disable(index);
            return;
        }
        switch (request.data()) {
            case IrqData.None _ -> act(request.action(), index, start, count);
            case IrqData.Bool flags -> {
                irqs.checkRange(index, start, count);
                actOnSetRuns(request, index, flags);
            }
            case IrqData.Eventfd _ -> setEventFds(request, index, descriptors);
        }
    }

    /// Vectors next to each other are one range, so that the device hears of them at once.
    private void actOnSetRuns(DeviceSetIrqs request, IrqIndex index, IrqData.Bool flags) {
        int count = request.count();
        int from = 0;
        while (from < count) {
            int to = from;
            while (to < count && flags.isSet(to)) {
                to++;
            }
            if (to > from) {
                act(request.action(), index, request.start() + from, to - from);
            }
            from = to + 1;
        }
    }

    private void act(IrqAction action, IrqIndex index, int start, int count) {
        switch (action) {
            case MASK -> irqs.mask(index, start, count);
            case UNMASK -> irqs.unmask(index, start, count);
            case TRIGGER -> irqs.trigger(index, start, count);
        }
    }

    private void setEventFds(DeviceSetIrqs request, IrqIndex index, FdBundle descriptors) {
        int start = request.start();
        int count = request.count();
        irqs.checkRange(index, start, count);
        if (descriptors.isEmpty()) {
            switch (request.action()) {
                case TRIGGER -> irqs.disarm(index, start, count);
                case MASK -> irqs.unwatchMask(index, start, count);
                case UNMASK -> irqs.unwatchUnmask(index, start, count);
            }
            return;
        }
        List<EventFd> eventFds = adopt(descriptors);
        switch (request.action()) {
            case TRIGGER -> irqs.arm(index, start, eventFds);
            case MASK -> irqs.watchMask(index, start, eventFds);
            case UNMASK -> irqs.watchUnmask(index, start, eventFds);
        }
    }

    /// All of them, or none: one that is no eventfd refuses the request.
    private static List<EventFd> adopt(FdBundle descriptors) {
        var eventFds = new ArrayList<EventFd>(descriptors.count());
        try {
            for (int i = 0; i < descriptors.count(); i++) {
                FileDescriptor descriptor = descriptors.take(i);
                eventFds.add(EventFd.adopt(descriptor));
            }
            return eventFds;
        } catch (RuntimeException e) {
            eventFds.forEach(EventFd::close);
            throw e;
        }
    }

    private static void checkShape(DeviceSetIrqs request, IrqIndex index, FdBundle descriptors) {
        boolean eventFds = request.data() instanceof IrqData.Eventfd;
        if (!descriptors.isEmpty() && !eventFds) {
            throw refused(
                    "descriptors: " + descriptors.count() + " (expected: none without EVENTFD)");
        }
        if (!descriptors.isEmpty() && descriptors.count() != request.count()) {
            throw refused(
                    "descriptors: "
                            + descriptors.count()
                            + " (expected: none, or count, "
                            + request.count()
                            + ")");
        }
        boolean disables =
                request.action() == IrqAction.TRIGGER && request.data() instanceof IrqData.None;
        if (request.count() == 0 && (!disables || request.start() != 0)) {
            throw refused(
                    "count: 0 with start: "
                            + request.start()
                            + ", "
                            + request.action()
                            + " (expected: count 0 only with start 0, TRIGGER and NONE)");
        }
        boolean notice = index == IrqIndex.ERR || index == IrqIndex.REQ;
        if (notice && request.action() != IrqAction.TRIGGER) {
            throw refused(request.action() + " of " + index + " (expected: TRIGGER)");
        }
    }

    private static IrqIndex index(int index) {
        if (index < 0 || index >= IrqIndex.COUNT) {
            throw refused(
                    "IRQ index: "
                            + Integer.toUnsignedString(index)
                            + " (expected: 0 to "
                            + (IrqIndex.COUNT - 1)
                            + ")");
        }
        return IrqIndex.of(index);
    }

    private static RequestRejectedException refused(String message) {
        return new RequestRejectedException(Errno.EINVAL, message);
    }
}
