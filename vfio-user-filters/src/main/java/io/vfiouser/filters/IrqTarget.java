package io.vfiouser.filters;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.irq.IrqIndex;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which interrupts a filter is for: `all`, a type such as `intx`, or a vector such as `msix.3`.
///
/// @param index the type; empty for all
/// @param vector the vector within the type; empty for all
public record IrqTarget(Optional<IrqIndex> index, OptionalInt vector) {
    /// How it is written, for error messages.
    public static final String EXPECTED = "all, intx, msi, msix, err, req or a vector: msix.3";

    /// Every interrupt.
    public static final IrqTarget ALL = new IrqTarget(Optional.empty(), OptionalInt.empty());

    private static final Pattern TEXT =
            Pattern.compile("(intx|msi|msix|err|req)(?:\\.(\\d{1,4}))?");

    /// Checks that a vector has a type.
    public IrqTarget {
        Objects.requireNonNull(index, "index");
        if (index.isEmpty() && vector.isPresent()) {
            throw new IllegalArgumentException(
                    "vector: " + vector.getAsInt() + " (expected: a type with it)");
        }
    }

    /// One interrupt.
    public static IrqTarget of(IrqIndex index, int vector) {
        return new IrqTarget(Optional.of(index), OptionalInt.of(vector));
    }

    /// The interrupts that `text` stands for.
    ///
    /// @throws IllegalArgumentException if it stands for none
    public static IrqTarget parse(String text) {
        if (text.equals("all")) {
            return ALL;
        }
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("irq: " + text + " (expected: " + EXPECTED + ")");
        }
        var type = IrqIndex.valueOf(matcher.group(1).toUpperCase(Locale.ROOT));
        String vector = matcher.group(2);
        return new IrqTarget(
                Optional.of(type),
                vector == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(vector)));
    }

    /// Checks that a device has such an interrupt.
    ///
    /// @throws IllegalArgumentException if it has none
    public void check(DeviceLayout layout) {
        if (index.isPresent()) {
            int count = layout.irqCount(index.get());
            if (vector.orElse(0) >= count) {
                throw new IllegalArgumentException(
                        "irq: %s (expected: all, or one that the device has; of %s there are %d)"
                                .formatted(this, index.get(), count));
            }
        }
    }

    /// Whether an interrupt is one of them.
    public boolean covers(FilteredIrq irq) {
        return (index.isEmpty() || index.get() == irq.index())
                && (vector.isEmpty() || vector.getAsInt() == irq.vector());
    }

    /// As [#parse] reads it.
    @Override
    public String toString() {
        return index.map(type -> type.name().toLowerCase(Locale.ROOT)).orElse("all")
                + (vector.isPresent() ? "." + vector.getAsInt() : "");
    }
}
