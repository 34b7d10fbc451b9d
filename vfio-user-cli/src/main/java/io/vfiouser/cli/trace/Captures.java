package io.vfiouser.cli.trace;

import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.server.ServedDevice;
import io.vfiouser.server.observe.MessageTap;
import io.vfiouser.server.observe.TappedMessage;
import io.vfiouser.trace.RegisterNames;
import io.vfiouser.trace.capture.Capture;
import io.vfiouser.trace.capture.CaptureReader;
import io.vfiouser.trace.capture.CaptureSettings;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The captures that one command makes: to a file, to the terminal, or both.
public final class Captures implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Captures.class);
    private static final int PIPE = 1 << 20;

    private final List<Capture> captures = new ArrayList<>();
    private @Nullable Thread printer;

    private Captures() {}

    static Captures start(
            @Nullable Path file, CaptureSettings settings, @Nullable PrintWriter trace)
            throws IOException {
        var all = new Captures();
        if (file != null) {
            all.captures.add(Capture.to(file, settings));
        }
        if (trace != null) {
            all.print(trace);
        }
        return all;
    }

    /// Captures what goes between a device and its clients.
    public void on(ServedDevice device) {
        captures.forEach(capture -> capture.on(device));
    }

    /// A tap for messages of somebody else's device.
    ///
    /// @param device its name in the captures
    /// @param names of its registers, as far as they are known
    public MessageTap tap(String device, RegisterNames names) {
        List<MessageTap> taps =
                captures.stream().<MessageTap>map(each -> each.tap(device, names)).toList();
        return new MessageTap() {
            @Override
            public void message(TappedMessage message) {
                taps.forEach(tap -> tap.message(message));
            }

            @Override
            public void interrupt(long session, IrqIndex index, int vector) {
                taps.forEach(tap -> tap.interrupt(session, index, vector));
            }

            @Override
            public void sessionEnded(long session, String reason) {
                taps.forEach(tap -> tap.sessionEnded(session, reason));
            }
        };
    }

    /// Writes and prints what is there, and ends.
    @Override
    public void close() {
        captures.forEach(Capture::close);
        try {
            if (printer != null) {
                printer.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        long lost = captures.stream().mapToLong(Capture::lost).sum();
        if (lost > 0) {
            LOG.warn("messages that are not in the capture: {} (expected: a faster disk)", lost);
        }
    }

    /// Lines are printed by a thread of their own: a terminal may be slow, devices must not be.
    private void print(PrintWriter out) throws IOException {
        var into = new PipedOutputStream();
        var reader = new CaptureReader(new PipedInputStream(into, PIPE));
        captures.add(Capture.to(into, CaptureSettings.DEFAULTS));
        printer =
                Thread.ofPlatform()
                        .name("vfio-user-trace")
                        .daemon()
                        .start(() -> {
                            try (reader) {
                                new TracePrinter(out, false, _ -> true).print(reader);
                            } catch (IOException e) {
                                LOG.warn("trace ends: {}", e.toString());
                            }
                        });
    }
}
