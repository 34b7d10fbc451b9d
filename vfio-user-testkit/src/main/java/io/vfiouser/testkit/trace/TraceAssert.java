package io.vfiouser.testkit.trace;

import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.memory.Iova;
import io.vfiouser.filters.AccessKind;
import io.vfiouser.filters.IrqSignal;
import io.vfiouser.filters.TraceEvent;
import io.vfiouser.filters.TraceRecorder;
import io.vfiouser.os.Errno;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.assertj.core.api.AbstractAssert;

/// Assertions on what passed between a device and its client, in order: each looks for its event
/// after the one that the assertion before it has found; others may lie between. What the device
/// did while it handled an access, an interrupt say, counts as after that access.
///
/// ```java
/// TraceAssert.assertThat(recorder)
///         .wrote("BAR2.OUT0_7", 0xa5)
///         .interrupted(IrqIndex.INTX, 0)
///         .read("BAR2.IN0_7", 0xa5)
///         .reachedNoMemory();
/// ```
///
/// One that fails prints what the recorder remembers, a line for each event, with register names.
/// Places are as in that print: `BAR2.OUT0_7`, `BAR0+0x40`, `CONFIG+0x4`. For one thread.
public final class TraceAssert extends AbstractAssert<TraceAssert, TraceRecorder> {
    private final List<TraceEvent> events;
    private final BitSet found = new BitSet();
    private int next;

    /// Where the effects of the last access may begin: a recorder has an access once it is
    /// answered.
    private int effects;

    private TraceAssert(TraceRecorder recorder) {
        super(recorder, TraceAssert.class);
        this.events = recorder.events();
    }

    /// Begins with the oldest event that the recorder remembers now; later ones are not seen.
    public static TraceAssert assertThat(TraceRecorder recorder) {
        return new TraceAssert(recorder);
    }

    /// The client wrote a value, and the device took it.
    ///
    /// @param value unsigned, little-endian
    public TraceAssert wrote(String place, long value) {
        return hasNextAccess(
                "write %s = 0x%x".formatted(place, value),
                event -> isAccess(event, AccessKind.WRITE, place, value));
    }

    /// The client read a value.
    ///
    /// @param value unsigned, little-endian
    public TraceAssert read(String place, long value) {
        return hasNextAccess(
                "read %s = 0x%x".formatted(place, value),
                event -> isAccess(event, AccessKind.READ, place, value));
    }

    /// The device refused an access.
    public TraceAssert refused(AccessKind kind, String place, Errno errno) {
        return hasNextAccess(
                "%s %s: %s".formatted(kind, place, errno),
                event ->
                        event instanceof TraceEvent.Access access
                                && access.kind() == kind
                                && access.place().equals(place)
                                && access.error().equals(Optional.of(errno)));
    }

    /// The device fired an interrupt, or raised its level, and the client listened.
    public TraceAssert interrupted(IrqIndex index, int vector) {
        return hasNextEffect(
                "irq %s.%d".formatted(index, vector),
                event ->
                        event instanceof TraceEvent.Interrupt interrupt
                                && interrupt.index() == index
                                && interrupt.vector() == vector
                                && interrupt.signal() != IrqSignal.LOWER
                                && interrupt.armed());
    }

    /// The device reached for client memory, all of it within a range.
    ///
    /// @param iova first address of the range, unsigned
    /// @param length bytes of the range
    public TraceAssert reached(long iova, long length) {
        return hasNextEffect(
                "dma within %s+0x%x".formatted(Iova.hex(iova), length),
                event -> event instanceof TraceEvent.Dma dma && isWithin(dma, iova, length));
    }

    /// The device was reset.
    public TraceAssert reset(ResetReason reason) {
        return hasNextEffect("reset " + reason, new TraceEvent.Reset(reason)::equals);
    }

    /// Of all that is remembered, nothing is outside a range of client memory.
    ///
    /// @param iova first address of the range, unsigned
    /// @param length bytes of the range
    public TraceAssert reachedOnly(long iova, long length) {
        return hasNone(
                "dma outside %s+0x%x".formatted(Iova.hex(iova), length),
                event -> event instanceof TraceEvent.Dma dma && !isWithin(dma, iova, length));
    }

    /// The device has not reached for client memory.
    public TraceAssert reachedNoMemory() {
        return hasNone("dma", TraceEvent.Dma.class::isInstance);
    }

    /// The device has fired no interrupt, whether somebody listened or not.
    public TraceAssert firedNoInterrupt() {
        return hasNone(
                "irq",
                event ->
                        event instanceof TraceEvent.Interrupt interrupt
                                && interrupt.signal() != IrqSignal.LOWER);
    }

    /// The client has not touched a place.
    public TraceAssert didNotAccess(String place) {
        return hasNone(
                "access to " + place,
                event -> event instanceof TraceEvent.Access access && access.place().equals(place));
    }

    private TraceAssert hasNextAccess(String wanted, Predicate<TraceEvent> is) {
        int before = next;
        find(wanted, next, is);
        effects = before;
        return this;
    }

    private TraceAssert hasNextEffect(String wanted, Predicate<TraceEvent> is) {
        find(wanted, effects, is);
        return this;
    }

    private void find(String wanted, int from, Predicate<TraceEvent> is) {
        for (int i = from; i < events.size(); i++) {
            if (!found.get(i) && is.test(events.get(i))) {
                found.set(i);
                next = Math.max(next, i + 1);
                return;
            }
        }
        String after = next == 0 ? "" : " after '%s'".formatted(events.get(next - 1));
        throw failure("%s: none%s (expected: one)%s", wanted, after, text());
    }

    private TraceAssert hasNone(String unwanted, Predicate<TraceEvent> is) {
        Optional<TraceEvent> first = events.stream().filter(is).findFirst();
        if (first.isPresent()) {
            throw failure("%s: '%s' (expected: none)%s", unwanted, first.get(), text());
        }
        return this;
    }

    private String text() {
        var lines = new StringBuilder("%nwhat happened last:".formatted());
        events.forEach(event -> lines.append("%n  %s".formatted(event)));
        return lines.toString();
    }

    private static boolean isAccess(TraceEvent event, AccessKind kind, String place, long value) {
        return event instanceof TraceEvent.Access access
                && access.kind() == kind
                && access.place().equals(place)
                && access.value() == value
                && access.error().isEmpty();
    }

    private static boolean isWithin(TraceEvent.Dma dma, long iova, long length) {
        return Iova.contains(iova, length, dma.iova(), dma.length());
    }
}
