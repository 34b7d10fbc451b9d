package io.vfiouser.trace.capture;

import io.vfiouser.server.ServedDevice;
import io.vfiouser.server.observe.Tapping;
import io.vfiouser.trace.RegisterNames;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes what goes by to a file or a stream, live, in pcapng: for Wireshark, `vfio-user trace` and
/// a replay.
///
/// Takes records from any thread and never holds one up: a thread of its own writes them, and what
/// it cannot write as fast as it comes is counted as [#lost()] and noted in the capture. When
/// nothing more can be written (a full disk, a reader that is gone) the capture ends by itself, and
/// devices go on.
public final class Capture implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Capture.class);

    /// Bytes that may wait to be written.
    private static final long MAX_WAITING = 64 << 20;

    private static final int RECORD_OVERHEAD = 128;

    private final CaptureSettings settings;
    private final CaptureOutput output;
    private final PcapngWriter writer;
    private final Thread thread;
    private final ArrayDeque<CaptureRecord> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private long lost;
    private boolean closing;
    private @Nullable IOException failure;

    private Capture(CaptureOutput output, CaptureSettings settings) throws IOException {
        this.settings = settings;
        this.output = output;
        this.writer = new PcapngWriter(output.stream());
        this.thread = Thread.ofPlatform().name("vfio-user-capture").daemon().unstarted(this::run);
    }

    /// Writes to a file, which is made or emptied.
    ///
    /// @throws IOException if it cannot be
    public static Capture to(Path file, CaptureSettings settings) throws IOException {
        return start(CaptureOutput.to(file, settings), settings);
    }

    /// Writes to a stream, which is flushed whenever nothing more is there to be written, and
    /// closed with the capture.
    ///
    /// @throws IOException if its first bytes cannot be written
    public static Capture to(OutputStream stream, CaptureSettings settings) throws IOException {
        return start(CaptureOutput.to(stream, settings), settings);
    }

    private static Capture start(CaptureOutput output, CaptureSettings settings)
            throws IOException {
        try {
            var capture = new Capture(output, settings);
            capture.thread.start();
            return capture;
        } catch (Throwable thrown) {
            output.close();
            throw thrown;
        }
    }

    /// Captures what goes between a device and its clients from now on.
    ///
    /// @return ends that when it is closed
    public Tapping on(ServedDevice device) {
        CaptureTap tap = tap(device.name(), RegisterNames.of(device.layout()));
        Tapping tapping = device.tap(tap);
        return () -> {
            tapping.close();
            tap.close();
        };
    }

    /// A tap for a device that is served in another way.
    ///
    /// @param device its name in the capture
    public CaptureTap tap(String device, RegisterNames names) {
        add(new CaptureRecord.Registers(Instant.now(), device, names));
        return new CaptureTap(this, device, settings.memory());
    }

    /// Adds a record.
    public synchronized void add(CaptureRecord record) {
        long size = sizeOf(record);
        if (closing || failure != null) {
            return;
        }
        if (waitingBytes + size > MAX_WAITING) {
            lost++;
            return;
        }
        waiting.add(record);
        waitingBytes += size;
        if (waiting.size() == 1) {
            notifyAll();
        }
    }

    /// How many records could not be written as fast as they came.
    public synchronized long lost() {
        return lost;
    }

    /// Why the capture ended by itself, if it did.
    public synchronized Optional<IOException> failure() {
        return Optional.ofNullable(failure);
    }

    /// Writes what is there, and ends; what is added later is dropped. Idempotent.
    @Override
    public void close() {
        synchronized (this) {
            closing = true;
            notifyAll();
        }
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (output) {
            long noted = 0;
            while (true) {
                List<CaptureRecord> batch = take();
                if (batch.isEmpty()) {
                    return;
                }
                for (CaptureRecord record : batch) {
                    write(record);
                }
                long dropped = lost();
                if (dropped > noted) {
                    CaptureRecord last = batch.getLast();
                    writer.lost(last.device(), last.time(), dropped - noted);
                    noted = dropped;
                }
                flushIfIdle();
            }
        } catch (IOException e) {
            LOG.warn("capture ends: {}", e.toString());
            fail(e);
        } catch (RuntimeException | Error e) {
            LOG.warn("capture ends", e);
            fail(new IOException(e.toString(), e));
        }
    }

    private void write(CaptureRecord record) throws IOException {
        if (output.isFull(writer.written())) {
            writer.startSection(output.rotate());
        }
        writer.write(record);
    }

    private void flushIfIdle() throws IOException {
        synchronized (this) {
            if (!waiting.isEmpty()) {
                return;
            }
        }
        output.stream().flush();
    }

    /// Waits for records; none come any more if there are none.
    private synchronized List<CaptureRecord> take() {
        boolean interrupted = false;
        while (waiting.isEmpty() && !closing) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
                closing = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        var batch = new ArrayList<>(waiting);
        waiting.clear();
        waitingBytes = 0;
        return batch;
    }

    private synchronized void fail(IOException e) {
        failure = e;
        waiting.clear();
        waitingBytes = 0;
    }

    private static long sizeOf(CaptureRecord record) {
        int payload =
                switch (record) {
                    case CaptureRecord.Message(var message) -> message.bytes().readableBytes();
                    case CaptureRecord.Memory memory -> memory.bytes().readableBytes();
                    case CaptureRecord.Interrupt _,
                            CaptureRecord.Registers _,
                            CaptureRecord.SessionEnd _ ->
                            0;
                };
        return RECORD_OVERHEAD + (long) payload;
    }
}
