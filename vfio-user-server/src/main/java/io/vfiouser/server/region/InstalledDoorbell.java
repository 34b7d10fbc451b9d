package io.vfiouser.server.region;

import io.netty.channel.EventLoop;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.device.region.Doorbell;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.EventFd;
import io.vfiouser.transport.FdWatch;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// One doorbell of one client. Its eventfd is made when the client first asks for it: most clients
/// never do. Belongs to the loop.
public final class InstalledDoorbell {
    private final int region;
    private final Doorbell doorbell;
    private final boolean portIo;
    private final EventLoop loop;
    private final LongConsumer rung;
    private @Nullable EventFd eventFd;
    private @Nullable FdWatch watch;

    InstalledDoorbell(
            int region, Doorbell doorbell, boolean portIo, EventLoop loop, LongConsumer rung) {
        this.region = region;
        this.doorbell = doorbell;
        this.portIo = portIo;
        this.loop = loop;
        this.rung = rung;
    }

    /// The index of its region.
    public int region() {
        return region;
    }

    /// What the device said of it.
    public Doorbell doorbell() {
        return doorbell;
    }

    /// Whether its region is one of I/O ports.
    public boolean isPortIo() {
        return portIo;
    }

    /// A descriptor of its eventfd, which rings it from now on; not for a silent one.
    ///
    /// @return owned by the caller
    /// @throws io.vfiouser.os.NativeCallException with EMFILE if the limit of open files is reached
    public FileDescriptor descriptor() {
        EventFd signalled = eventFd;
        if (signalled == null) {
            signalled = EventFd.create();
            eventFd = signalled;
            watch = FdWatch.start(loop, signalled, _ -> rung.accept(doorbell.value()));
        }
        return Descriptors.duplicate(signalled.fd());
    }

    void close() {
        if (watch != null) {
            watch.close();
        }
    }

    /// Such as `BAR0 0x1000+4`.
    @Override
    public String toString() {
        return RegionTable.name(region)
                + " 0x"
                + Long.toHexString(doorbell.offset())
                + "+"
                + doorbell.size();
    }
}
