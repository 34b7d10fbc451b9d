package io.vfiouser.server.region;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.Doorbell;
import io.vfiouser.device.region.MappableArea;
import io.vfiouser.device.region.Region;
import io.vfiouser.os.MessageSocket;
import io.vfiouser.server.image.ImageException;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import io.vfiouser.server.loop.DeviceLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/// The doorbells that a device has installed for one client. Belongs to the loop.
public final class DoorbellTable implements AutoCloseable {
    /// How many a device may install for one client.
    public static final int MAX_DOORBELLS = 4096;

    private final DeviceLayout layout;
    private final RegionTable regions;
    private final DeviceLoop loop;
    private final int maxDescriptors;
    private final List<InstalledDoorbell> installed = new ArrayList<>();

    /// A table without doorbells.
    ///
    /// @param loop watches the eventfds
    /// @param maxDescriptors how many the client takes in one message, 0 or more
    public DoorbellTable(
            DeviceLayout layout, RegionTable regions, DeviceLoop loop, int maxDescriptors) {
        this.layout = layout;
        this.regions = regions;
        this.loop = loop;
        this.maxDescriptors = Math.min(maxDescriptors, MessageSocket.MAX_DESCRIPTORS);
    }

    /// Adds a doorbell; the client sees it when it asks the next time.
    ///
    /// @param rung takes the doorbell's value when it was rung
    /// @throws IllegalArgumentException if the region does not take it
    public InstalledDoorbell install(int region, Doorbell doorbell, LongConsumer rung) {
        checkPlace(region, doorbell);
        for (InstalledDoorbell other : installed) {
            if (other.region() == region && other.doorbell().collidesWith(doorbell)) {
                throw refused(region, doorbell, "none that the same write rings: " + other);
            }
        }
        if (installed.size() == MAX_DOORBELLS) {
            throw refused(region, doorbell, "at most " + MAX_DOORBELLS + " of one device");
        }
        boolean portIo = layout.bar(region).filter(bar -> bar.kind() == Bar.Kind.IO).isPresent();
        var added = new InstalledDoorbell(region, doorbell, portIo, loop, rung);
        installed.add(added);
        return added;
    }

    /// Takes a doorbell away and closes its eventfd; nothing happens the second time.
    public void remove(InstalledDoorbell doorbell) {
        if (installed.remove(doorbell)) {
            doorbell.close();
        }
    }

    /// Those of one region, in the order in which they were installed.
    public List<InstalledDoorbell> of(int region) {
        return installed.stream().filter(doorbell -> doorbell.region() == region).toList();
    }

    /// How many descriptors can go to the client in one message.
    public int maxDescriptors() {
        return maxDescriptors;
    }

    /// Lets rings gather in the eventfds until [#resume()].
    public void suspend() {
        installed.forEach(InstalledDoorbell::suspend);
    }

    /// Hears again of what rings, and of what has rung.
    public void resume() {
        installed.forEach(InstalledDoorbell::resume);
    }

    /// Watches nothing until [#joinLoop()], on the loop that is left.
    public void leaveLoop() {
        installed.forEach(InstalledDoorbell::leaveLoop);
    }

    /// Watches on the loop where the device is now.
    public void joinLoop() {
        installed.forEach(InstalledDoorbell::joinLoop);
    }

    /// Writes those of which the client has something.
    public void save(ImageWriter out) {
        List<InstalledDoorbell> given =
                installed.stream().filter(InstalledDoorbell::isGiven).toList();
        out.number(given.size());
        given.forEach(doorbell -> doorbell.save(out));
    }

    /// Takes over what [#save] wrote in another process; silent until [#resume()].
    ///
    /// @throws ImageException if the device has not installed the same doorbells here
    public void restore(ImageReader in) {
        int given = in.count(MAX_DOORBELLS);
        for (int i = 0; i < given; i++) {
            int region = in.number();
            String description = in.text();
            installed.stream()
                    .filter(doorbell -> doorbell.isWhat(region, description))
                    .findFirst()
                    .orElseThrow(() ->
                            new ImageException(
                                    "doorbell in region %d, %s: none (expected: as before)"
                                            .formatted(region, description)))
                    .restore(in);
        }
    }

    /// Takes all of them away; nothing rings any more.
    @Override
    public void close() {
        installed.forEach(InstalledDoorbell::close);
        installed.clear();
    }

    private void checkPlace(int index, Doorbell doorbell) {
        boolean possible = index >= 0 && index < RegionTable.COUNT && index != RegionTable.CONFIG;
        Region region = possible ? regions.find(index).orElse(null) : null;
        if (region == null || !region.writable()) {
            throw refused(index, doorbell, "a writable region of the device, not config space");
        }
        long end = doorbell.offset() + Math.max(1, doorbell.size());
        if (end < 0 || end > region.size()) {
            throw refused(
                    index, doorbell, "an end of at most 0x" + Long.toHexString(region.size()));
        }
        region.mappable()
                .ifPresent(memory -> {
                    for (MappableArea area : memory.areas()) {
                        if (doorbell.offset() < area.end() && end > area.offset()) {
                            throw refused(index, doorbell, "a place that clients cannot map");
                        }
                    }
                });
    }

    private static IllegalArgumentException refused(
            int region, Doorbell doorbell, String expected) {
        return new IllegalArgumentException(
                "doorbell in "
                        + (region >= 0 && region < RegionTable.COUNT
                                ? RegionTable.name(region)
                                : "region " + region)
                        + ", offset: 0x"
                        + Long.toHexString(doorbell.offset())
                        + ", size: "
                        + doorbell.size()
                        + " (expected: "
                        + expected
                        + ")");
    }
}
