package io.vfiouser.trace.capture;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.filters.DeviceFilter;
import io.vfiouser.filters.FilteredIrq;
import io.vfiouser.filters.FilteredRegion;
import io.vfiouser.filters.IrqSignal;
import io.vfiouser.trace.RegisterNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Records what gets to where it stands: accesses with their answers, interrupts, resets, clients
/// that come and go. Behind a filter that breaks something it records what the device does, before
/// it what the driver sees.
///
/// The file is one of a [Capture], written as if each access had been a message, so that Wireshark,
/// `vfio-user trace` and [io.vfiouser.trace.replay.ReplayDevice] read it. As the filter stands
/// before all regions, clients can map none of them, and every access is in it. Client memory is
/// not.
public final class RecordFilter extends DeviceFilter {
    private static final Logger LOG = LoggerFactory.getLogger(RecordFilter.class);
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final RecordSettings settings;
    private @Nullable DeviceLayout layout;
    private List<FilteredRegion> regions = List.of();
    private volatile @Nullable RecordedMessages messages;
    private @Nullable Capture capture;
    private long session;

    /// A filter that is enabled. The file is made when the first client comes.
    public RecordFilter(RecordSettings settings) {
        super("record");
        this.settings = settings;
    }

    /// Why the recording ended by itself, if it did.
    public Optional<IOException> failure() {
        return capture == null ? Optional.empty() : capture.failure();
    }

    @Override
    protected void prepare(DeviceLayout described, List<FilteredRegion> named) {
        Path directory = settings.file().toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw new IllegalArgumentException(
                    "file: " + settings.file() + " (expected: in a directory that is there)");
        }
        layout = described;
        regions = named;
    }

    @Override
    protected RegionHandler around(FilteredRegion region, RegionHandler next) {
        return new RecordedHandler(region.index(), next, () -> Optional.ofNullable(messages));
    }

    @Override
    protected void attached(DeviceContext context) {
        session++;
        Capture to = opened(context.name());
        if (to == null || layout == null) {
            return;
        }
        var recorded = new RecordedMessages(to, context.name(), session);
        recorded.describe(layout, regions, context.config());
        messages = recorded;
    }

    @Override
    protected boolean interrupt(FilteredIrq irq, IrqSignal signal) {
        RecordedMessages to = messages;
        if (to != null && signal != IrqSignal.LOWER) {
            to.interrupt(irq.index(), irq.vector());
        }
        return true;
    }

    @Override
    protected void resetting(ResetReason reason) {
        RecordedMessages to = messages;
        if (to != null && isEnabled() && reason == ResetReason.DEVICE_RESET) {
            to.reset();
        }
    }

    @Override
    protected void detached() {
        RecordedMessages to = messages;
        if (to != null) {
            messages = null;
            to.ended();
        }
    }

    /// Waits for the disk a second at most, as it is on the loop; what is left is written behind.
    @Override
    protected void closed() {
        Capture open = capture;
        if (open == null) {
            return;
        }
        Thread closer = Thread.ofPlatform().name("vfio-user-record-end").start(open::close);
        try {
            if (!closer.join(PATIENCE)) {
                LOG.warn("{}: still being written", settings.file());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private @Nullable Capture opened(String name) {
        if (capture == null) {
            Path file = Path.of(settings.file().toString().replace("%n", name.replace('/', '_')));
            try {
                capture = Capture.to(file, CaptureSettings.DEFAULTS.withFileSize(settings.limit()));
                capture.add(
                        new CaptureRecord.Registers(
                                Instant.now(), name, RegisterNames.of(regions)));
            } catch (IOException e) {
                LOG.warn("[{}] is not recorded: {}", name, e.toString());
            }
        }
        return capture;
    }
}
