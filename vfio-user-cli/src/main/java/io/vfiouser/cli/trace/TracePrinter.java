package io.vfiouser.cli.trace;

import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.protocol.Command.Direction;
import io.vfiouser.trace.RegisterNames;
import io.vfiouser.trace.TraceEntry;
import io.vfiouser.trace.Tracer;
import io.vfiouser.trace.capture.CaptureReader;
import io.vfiouser.trace.capture.CaptureRecord;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// Prints the records of a capture, a line each, with the register names that are in it.
public final class TracePrinter {
    private final PrintWriter out;
    private final boolean json;
    private final Predicate<String> wanted;
    private final Map<String, RegisterNames> names = new HashMap<>();
    private final Tracer tracer =
            new Tracer(device -> names.getOrDefault(device, RegisterNames.CONFIG_ONLY));

    /// @param json one JSON object for each message in place of text
    /// @param wanted which lines are printed
    public TracePrinter(PrintWriter out, boolean json, Predicate<String> wanted) {
        this.out = out;
        this.json = json;
        this.wanted = wanted;
    }

    /// Prints until the capture ends.
    ///
    /// @throws IOException if it cannot be read
    public void print(CaptureReader capture) throws IOException {
        for (var next = capture.next(); next.isPresent(); next = capture.next()) {
            line(next.get()).filter(wanted).ifPresent(out::println);
        }
        out.flush();
    }

    private Optional<String> line(CaptureRecord record) {
        return switch (record) {
            case CaptureRecord.Message(var message) -> {
                TraceEntry entry = tracer.entry(message);
                yield Optional.of(json ? TraceJson.line(entry) : entry.toString());
            }
            case CaptureRecord.Registers registers -> {
                names.put(registers.device(), registers.names());
                yield Optional.empty();
            }
            case CaptureRecord.SessionEnd end -> {
                tracer.sessionEnded(end.device(), end.session());
                yield text(end, "client gone: " + end.reason());
            }
            case CaptureRecord.Interrupt irq ->
                    text(irq, "interrupt %s.%d".formatted(type(irq.index()), irq.vector()));
            case CaptureRecord.Memory memory ->
                    text(
                            memory,
                            "client memory 0x%x+0x%x changed by the %s"
                                    .formatted(
                                            memory.iova(),
                                            memory.bytes().readableBytes(),
                                            memory.before() == Direction.CLIENT_TO_SERVER
                                                    ? "client"
                                                    : "device"));
        };
    }

    private static String type(int index) {
        return index >= 0 && index < IrqIndex.COUNT
                ? IrqIndex.of(index).name()
                : Integer.toUnsignedString(index);
    }

    /// What is no message has no line in JSON.
    private Optional<String> text(CaptureRecord record, String what) {
        return json
                ? Optional.empty()
                : Optional.of(tracer.clock(record.time()) + " " + record.device() + " -- " + what);
    }
}
