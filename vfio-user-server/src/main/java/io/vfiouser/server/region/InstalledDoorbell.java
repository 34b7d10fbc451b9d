package io.vfiouser.server.region;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.device.region.Doorbell;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import io.vfiouser.server.loop.DeviceLoop;
import io.vfiouser.transport.FdWatch;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// One doorbell of one client. Its eventfd is made when the client first asks for it: most clients
/// never do. Belongs to the loop.
public final class InstalledDoorbell {
    private final int region;
    private final Doorbell doorbell;
    private final boolean portIo;
    private final DeviceLoop loop;
    private final LongConsumer rung;
    private @Nullable EventFd eventFd;
    private @Nullable FdWatch watch;

    InstalledDoorbell(
            int region, Doorbell doorbell, boolean portIo, DeviceLoop loop, LongConsumer rung) {
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
            watch = loop.watch(signalled, _ -> rung.accept(doorbell.value()));
        }
        return Descriptors.duplicate(signalled.fd());
    }

    /// Lets rings gather in the eventfd until [#resume()].
    void suspend() {
        if (watch != null) {
            watch.suspend();
        }
    }

    void resume() {
        if (watch != null) {
            watch.resume();
        }
    }

    void leaveLoop() {
        if (watch != null) {
            watch.leave();
        }
    }

    void joinLoop() {
        if (watch != null) {
            watch.join(loop.current());
        }
    }

    /// Whether a client has something of it: its eventfd, or the memory where its value is left.
    boolean isGiven() {
        return eventFd != null || shadow().isPresent();
    }

    /// Writes it, with what the client has of it.
    void save(ImageWriter out) {
        out.number(region).text(description());
        out.flag(eventFd != null);
        if (eventFd != null) {
            out.descriptor(eventFd.fd());
        }
        Optional<SharedMemory> memory = shadow();
        out.flag(memory.isPresent());
        memory.ifPresent(used -> out.descriptor(used.fd()));
    }

    /// Whether it is the one that [#save] began to write.
    boolean isWhat(int otherRegion, String otherDescription) {
        return region == otherRegion && description().equals(otherDescription);
    }

    /// Takes over what the client has of it; silent until [#resume()].
    void restore(ImageReader in) {
        if (in.flag()) {
            EventFd given = EventFd.adopt(in.descriptor());
            eventFd = given;
            watch = loop.watch(given, _ -> rung.accept(doorbell.value()));
            watch.suspend();
        }
        if (in.flag()) {
            try (FdBundle memory = FdBundle.of(in.descriptor())) {
                doorbell.shadow().orElseThrow().memory().adopt(memory, 0);
            }
        }
    }

    private Optional<SharedMemory> shadow() {
        return doorbell.shadow().map(Doorbell.Shadow::memory).filter(SharedMemory::isUsed);
    }

    /// What the device says of it, in words that another process has for the same.
    private String description() {
        return "%d+%d match %s silent %s shadow %s"
                .formatted(
                        doorbell.offset(),
                        doorbell.size(),
                        doorbell.match(),
                        doorbell.silent(),
                        doorbell.shadow().map(Doorbell.Shadow::offset));
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
