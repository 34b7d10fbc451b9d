package io.vfiouser.control;

import io.vfiouser.server.ServedDevice;
import io.vfiouser.server.observe.MessageTap;
import io.vfiouser.server.observe.TappedMessage;
import io.vfiouser.server.observe.Tapping;
import io.vfiouser.trace.RegisterNames;
import io.vfiouser.trace.TracedMessage;
import io.vfiouser.trace.Tracer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/// The last messages of one device. Its loop puts in, the control server's takes out; what comes
/// faster than it is taken out is only counted, not copied.
final class DeviceTrace implements AutoCloseable {
    private static final int MAX_WAITING = 64;

    private final String device;
    private final ArrayBlockingQueue<TracedMessage> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final AtomicLong missed = new AtomicLong();
    private final Tracer tracer;
    private final Tapping tapping;

    DeviceTrace(ServedDevice device) {
        this.device = device.name();
        this.tracer = new Tracer(RegisterNames.of(device.layout()));
        this.tapping = device.tap(new Tap());
    }

    private final class Tap implements MessageTap {
        @Override
        public void message(TappedMessage message) {
            if (waiting.remainingCapacity() == 0) {
                missed.incrementAndGet();
            } else {
                waiting.add(TracedMessage.of(device, message));
            }
        }
    }

    /// What came since the last time; empty if nothing did.
    Map<String, Object> drain() {
        var messages = new ArrayList<TracedMessage>();
        waiting.drainTo(messages);
        long skipped = missed.getAndSet(0);
        if (messages.isEmpty()) {
            return Map.of();
        }
        List<Map<String, Object>> entries =
                messages.stream().map(message -> Views.trace(tracer.entry(message))).toList();
        var batch = new LinkedHashMap<String, Object>();
        batch.put("device", device);
        batch.put("missed", skipped);
        batch.put("entries", entries);
        return batch;
    }

    @Override
    public void close() {
        tapping.close();
    }
}
