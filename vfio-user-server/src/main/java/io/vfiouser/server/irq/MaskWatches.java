package io.vfiouser.server.irq;

import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.os.EventFd;
import io.vfiouser.server.image.ImageWriter;
import io.vfiouser.server.loop.DeviceLoop;
import io.vfiouser.transport.FdWatch;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/// The client's mask and unmask eventfds, watched on the device's loop.
final class MaskWatches {
    private final DeviceLoop loop;
    private final Map<Key, FdWatch> watches = HashMap.newHashMap(0);

    MaskWatches(DeviceLoop loop) {
        this.loop = loop;
    }

    void watchMask(IrqIndex index, int vector, EventFd eventFd, Runnable mask) {
        put(new Key(index, vector, true), eventFd, mask);
    }

    void watchUnmask(IrqIndex index, int vector, EventFd eventFd, Runnable unmask) {
        put(new Key(index, vector, false), eventFd, unmask);
    }

    void unwatchMask(IrqIndex index, int start, int count) {
        remove(index, start, count, true);
    }

    void unwatchUnmask(IrqIndex index, int start, int count) {
        remove(index, start, count, false);
    }

    int count() {
        return watches.size();
    }

    void clear(IrqIndex index) {
        for (Iterator<Map.Entry<Key, FdWatch>> i = watches.entrySet().iterator(); i.hasNext(); ) {
            var entry = i.next();
            if (entry.getKey().index() == index) {
                i.remove();
                entry.getValue().close();
            }
        }
    }

    void clear() {
        watches.values().forEach(FdWatch::close);
        watches.clear();
    }

    /// Lets signals gather in the eventfds until [#resume()].
    void suspend() {
        watches.values().forEach(FdWatch::suspend);
    }

    void resume() {
        watches.values().forEach(FdWatch::resume);
    }

    void leaveLoop() {
        watches.values().forEach(FdWatch::leave);
    }

    void joinLoop() {
        watches.values().forEach(watch -> watch.join(loop.current()));
    }

    void save(ImageWriter out) {
        out.number(watches.size());
        watches.forEach((key, watch) ->
                out.number(key.index().index())
                        .number(key.vector())
                        .flag(key.masks())
                        .descriptor(watch.event().fd()));
    }

    private void put(Key key, EventFd eventFd, Runnable action) {
        FdWatch before = watches.put(key, loop.watch(eventFd, _ -> action.run()));
        if (before != null) {
            before.close();
        }
    }

    private void remove(IrqIndex index, int start, int count, boolean masks) {
        for (int vector = start; vector < start + count; vector++) {
            FdWatch watch = watches.remove(new Key(index, vector, masks));
            if (watch != null) {
                watch.close();
            }
        }
    }

    private record Key(IrqIndex index, int vector, boolean masks) {}
}
