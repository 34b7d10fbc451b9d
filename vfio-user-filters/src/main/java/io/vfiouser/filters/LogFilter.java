package io.vfiouser.filters;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes a line for everything that passes: accesses by register name, interrupts, DMA, resets,
/// clients.
///
/// ```text
/// [gpio0] write BAR2.OUT0_7 = 0x01
/// [gpio0] irq INTX.0 raise
/// [gpio0] read BAR2.IRQ_STATUS = 0x05
/// ```
public final class LogFilter extends TracingFilter {
    private static final Logger LOG = LoggerFactory.getLogger(LogFilter.class);

    private final Target at;
    private final Consumer<String> lines;
    private volatile @Nullable String device;

    /// Writes to the SLF4J logger of this class, at level WARN, so that a filter that somebody has
    /// asked for is seen.
    public LogFilter() {
        this(LogSettings.DEFAULTS);
    }

    /// As [#LogFilter()], for some regions.
    public LogFilter(LogSettings settings) {
        this(settings, LOG::warn);
    }

    /// Writes somewhere else.
    ///
    /// @param lines takes a line without its end, on any thread; must be quick
    public LogFilter(LogSettings settings, Consumer<String> lines) {
        super("log");
        this.at = settings.at();
        this.lines = Objects.requireNonNull(lines, "lines");
    }

    @Override
    protected void prepare(DeviceLayout layout, List<FilteredRegion> regions) {
        if (!isEverything()) {
            at.check(regions);
        }
    }

    @Override
    boolean traces(FilteredRegion region) {
        return isEverything() || at.in(region).isPresent();
    }

    @Override
    protected void attached(DeviceContext context) {
        device = context.name();
        super.attached(context);
    }

    @Override
    void happened(TraceEvent event) {
        lines.accept(Optional.ofNullable(device).map(name -> "[" + name + "] ").orElse("") + event);
    }

    private boolean isEverything() {
        return at.equals(Target.ALL);
    }
}
