package io.vfiouser.trace.replay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.device.region.Register;
import io.vfiouser.os.Errno;
import io.vfiouser.trace.RegisterNames;
import io.vfiouser.trace.TraceEntry;
import io.vfiouser.trace.capture.CaptureReader;
import io.vfiouser.trace.capture.CaptureRecord;
import io.vfiouser.trace.replay.RecordedStep.Place;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers a driver as a recorded device answered: reads, errors, interrupts, and if asked for what
/// the device wrote to client memory. So a driver can be debugged without the device that it went
/// wrong with.
///
/// Accesses to BARs and the ROM are matched by place, in the order of the recording, not by time. A
/// driver that does something else is told of in the log and in [#departures()], and is answered as
/// well as may be, or refused. Interrupts come as long after the write before them as they did. The
/// config space is what it was at first, kept by the framework from then on. Each client begins
/// from the start.
public final class ReplayDevice implements Device {
    private static final Logger LOG = LoggerFactory.getLogger(ReplayDevice.class);

    /// Departures that are logged and kept of one client; the others are counted.
    private static final int MAX_KEPT = 100;

    /// Bytes of a value that are shown.
    private static final int MAX_SHOWN = 8;

    private final RecordedSession session;
    private final ReplayDeviceSettings settings;
    private final IgnoredPlaces ignored;
    private final DeviceLayout layout;
    private final List<RecordedStep> steps;
    private final List<Departure> kept = new ArrayList<>();
    private long departures;
    private ReplayScript script;
    private ReplayEffects effects;
    private DeviceContext context = DeviceContext.UNATTACHED;
    private int lastPacket;

    private ReplayDevice(RecordedSession session, ReplayDeviceSettings settings) {
        this.session = session;
        this.settings = settings;
        this.ignored = IgnoredPlaces.parse(settings.ignore());
        var recorded = new RecordedLayout(session, Region::new);
        this.layout = recorded.build();
        Optional<PciCapability.MsiX> msix = recorded.msix();
        this.steps = session.steps().stream().filter(step -> isPlayed(step, msix)).toList();
        this.script = script();
        this.effects = new ReplayEffects(steps, context, settings.memory(), session.unmasks());
    }

    /// Reads the recording that the settings name.
    ///
    /// @throws IOException if it cannot be read
    /// @throws ReplayException if the session is not in it
    /// @throws IllegalArgumentException if what is recorded cannot be a PCI device
    public static ReplayDevice of(ReplayDeviceSettings settings) throws IOException {
        return of(CaptureReader.readAll(settings.file()), settings);
    }

    /// The same for records that were read already.
    ///
    /// @throws ReplayException if the session is not in them
    /// @throws IllegalArgumentException if what is recorded cannot be a PCI device
    public static ReplayDevice of(List<CaptureRecord> records, ReplayDeviceSettings settings) {
        return new ReplayDevice(
                RecordedSession.of(records, settings.device(), settings.session()), settings);
    }

    /// Where the driver departed from the recording, the first hundred, since the last client came.
    /// Belongs to the device's loop.
    public List<Departure> departures() {
        return List.copyOf(kept);
    }

    /// How many recorded writes the driver has not made yet. Belongs to the device's loop.
    public int writesToCome() {
        return script.writes() - script.writesThatCame();
    }

    @Override
    public DeviceLayout layout() {
        return layout;
    }

    @Override
    public void attach(DeviceContext attached) {
        context = attached;
        kept.clear();
        departures = 0;
        lastPacket = 0;
        script = script();
        effects = new ReplayEffects(steps, attached, settings.memory(), session.unmasks());
        effects.upTo(script.frontier());
    }

    @Override
    public void detach() {
        LOG.info(
                "[{}] client gone: {} of {} recorded writes came, {} departures from the recording",
                context.name(),
                script.writesThatCame(),
                script.writes(),
                departures);
        context = DeviceContext.UNATTACHED;
    }

    @Override
    public Completion reset(ResetReason reason) {
        if (reason == ResetReason.DEVICE_RESET) {
            script.reset();
        }
        return Completion.DONE;
    }

    /// A value as it is shown: a little-endian number, or the first bytes of many.
    static String value(ByteBuf data) {
        int size = data.readableBytes();
        if (size > MAX_SHOWN) {
            return ByteBufUtil.hexDump(data, data.readerIndex(), MAX_SHOWN) + "...";
        }
        var digits = new StringBuilder("0x");
        for (int i = size - 1; i >= 0; i--) {
            digits.append("%02x".formatted(data.getByte(data.readerIndex() + i)));
        }
        return digits.toString();
    }

    private ReplayScript script() {
        return new ReplayScript(steps, access -> isIgnored(access.place()));
    }

    private boolean isIgnored(Place place) {
        return ignored.has(
                RegisterNames.regionName(place.region()),
                place.offset(),
                session.names().register(place.region(), place.offset(), place.count()));
    }

    /// The framework keeps the config space and the table of MSI-X.
    private boolean isPlayed(RecordedStep step, Optional<PciCapability.MsiX> msix) {
        if (step instanceof RecordedStep.Interrupt irq) {
            return irq.vector() < layout.irqCount(irq.index());
        }
        if (!(step instanceof RecordedStep.Access access)) {
            return true;
        }
        Place place = access.place();
        return place.region() != RecordedConfig.REGION
                && msix.filter(table ->
                                isWithin(
                                                place,
                                                table.tableBar(),
                                                table.tableOffset(),
                                                table.tableSize())
                                        || isWithin(
                                                place,
                                                table.pendingBar(),
                                                table.pendingOffset(),
                                                table.pendingSize()))
                        .isEmpty();
    }

    private static boolean isWithin(Place place, int region, long offset, int size) {
        return place.region() == region
                && place.offset() >= offset
                && place.offset() < offset + size;
    }

    private Completion read(Place place, MemorySegment into) {
        ReplayScript.Match match = script.read(place);
        tell(match, () -> access("read", place, Optional.empty()));
        match.step().ifPresent(ReplayDevice::refuse);
        into.fill((byte) 0);
        match.step()
                .ifPresent(step -> {
                    ByteBuf data = step.data();
                    for (int i = 0; i < place.count(); i++) {
                        into.set(ValueLayout.JAVA_BYTE, i, data.getByte(data.readerIndex() + i));
                    }
                });
        return Completion.DONE;
    }

    private Completion write(Place place, MemorySegment from) {
        ByteBuf data = Unpooled.wrappedBuffer(from.toArray(ValueLayout.JAVA_BYTE));
        effects.written();
        ReplayScript.Match match = script.write(place, data);
        Completion memory = effects.upTo(script.frontier());
        tell(match, () -> access("write", place, Optional.of(value(data))));
        match.step().ifPresent(ReplayDevice::refuse);
        return memory;
    }

    private static void refuse(RecordedStep.Access step) {
        step.error()
                .ifPresent(errno -> {
                    throw new DeviceException(errno, "refused, as it is recorded");
                });
    }

    private void tell(ReplayScript.Match match, Supplier<String> access) {
        if (match.departure().isPresent()) {
            var departure = new Departure(lastPacket, access.get(), match.departure().get());
            departures++;
            if (departures <= MAX_KEPT) {
                kept.add(departure);
                LOG.warn("[{}] departs from the recording {}", context.name(), departure);
            }
            if (settings.strict()) {
                throw new DeviceException(Errno.EIO, departure.toString());
            }
        }
        match.step().ifPresent(step -> lastPacket = step.packet());
    }

    private String access(String verb, Place place, Optional<String> value) {
        return verb
                + " "
                + new TraceEntry.Access(
                        RegisterNames.regionName(place.region()),
                        place.offset(),
                        session.names().register(place.region(), place.offset(), place.count()),
                        place.count(),
                        value);
    }

    /// One region of the recorded device.
    private final class Region implements RegionHandler {
        private final int index;

        Region(int index) {
            this.index = index;
        }

        @Override
        public Completion read(long offset, MemorySegment into) {
            return ReplayDevice.this.read(new Place(index, offset, (int) into.byteSize()), into);
        }

        @Override
        public Completion write(long offset, MemorySegment from) {
            return ReplayDevice.this.write(new Place(index, offset, (int) from.byteSize()), from);
        }

        @Override
        public Optional<Register> registerAt(long offset) {
            return session.names().registerAt(index, offset);
        }
    }
}
