package io.vfiouser.devices.nvme.admin;

import io.vfiouser.devices.nvme.engine.Command;
import io.vfiouser.devices.nvme.engine.Engine;
import io.vfiouser.devices.nvme.spec.Limits;
import io.vfiouser.devices.nvme.spec.LogPageId;
import io.vfiouser.devices.nvme.spec.Status;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/// Asynchronous Event Requests of the host and the events that they report (NVMe 1.4: "Asynchronous
/// Event Request command").
///
/// After an event its type is silent until the host has read the log page that the event names.
public final class AsyncEvents {
    /// How many numbers [#state()] has.
    public static final int STATE_SIZE = 3 + Limits.NAMESPACES / Long.SIZE + 1;

    private static final int ERROR = 0;
    private static final int HEALTH = 1;
    private static final int NOTICE = 2;
    private static final int TYPES = 3;

    private static final int INVALID_DOORBELL = 0;
    private static final int INVALID_DOORBELL_VALUE = 1;
    private static final int TEMPERATURE_THRESHOLD = 1;
    private static final int NAMESPACE_CHANGED = 0;

    private static final int TEMPERATURE_ENABLED = 1 << 1;
    private static final int NAMESPACES_ENABLED = 1 << 8;

    private final Engine engine;
    private final Features features;
    private final List<Command> requests = new ArrayList<>(Limits.EVENT_REQUESTS);
    private final int[] pending = new int[TYPES];
    private final boolean[] isPending = new boolean[TYPES];
    private final boolean[] silent = new boolean[TYPES];
    private final BitSet changedNamespaces = new BitSet();

    /// No requests, no events.
    public AsyncEvents(Engine engine, Features features) {
        this.engine = engine;
        this.features = features;
    }

    /// Forgets all requests and events.
    public void reset() {
        requests.forEach(engine::drop);
        requests.clear();
        for (int type = 0; type < TYPES; type++) {
            isPending[type] = false;
            silent[type] = false;
        }
        changedNamespaces.clear();
    }

    /// The host wrote to a doorbell of a queue that is not there.
    public void invalidDoorbell() {
        add(ERROR, INVALID_DOORBELL, LogPageId.ERROR_INFORMATION);
    }

    /// The host wrote to a doorbell what is no index of its queue.
    public void invalidDoorbellValue() {
        add(ERROR, INVALID_DOORBELL_VALUE, LogPageId.ERROR_INFORMATION);
    }

    /// A namespace has another size or format than before.
    public void namespaceChanged(int id) {
        changedNamespaces.set(id);
        if ((features.asyncEventConfig() & NAMESPACES_ENABLED) != 0) {
            add(NOTICE, NAMESPACE_CHANGED, LogPageId.CHANGED_NAMESPACES);
        }
    }

    /// The temperature is beyond what the host has set.
    void temperatureCrossed() {
        if ((features.asyncEventConfig() & TEMPERATURE_ENABLED) != 0) {
            add(HEALTH, TEMPERATURE_THRESHOLD, LogPageId.SMART);
        }
    }

    /// The waiting requests' command ids, for migration.
    public long[] waiting() {
        return requests.stream().mapToLong(each -> each.entry().commandId()).toArray();
    }

    /// Events that were not reported yet, types that are silent, and changed namespaces, for
    /// migration.
    public long[] state() {
        long[] state = new long[STATE_SIZE];
        for (int type = 0; type < TYPES; type++) {
            state[type] = pending[type] | flag(isPending[type], 32) | flag(silent[type], 33);
        }
        long[] changed = changedNamespaces.toLongArray();
        System.arraycopy(changed, 0, state, TYPES, changed.length);
        return state;
    }

    /// Takes over what [#state()] gave in another process.
    public void restore(long[] state) {
        for (int type = 0; type < TYPES; type++) {
            pending[type] = (int) state[type] & 0xff_ffff;
            isPending[type] = (state[type] >>> 32 & 1) != 0;
            silent[type] = (state[type] >>> 33 & 1) != 0;
        }
        changedNamespaces.clear();
        changedNamespaces.or(BitSet.valueOf(Arrays.copyOfRange(state, TYPES, STATE_SIZE)));
        changedNamespaces.clear(Limits.NAMESPACES + 1, STATE_SIZE * Long.SIZE);
        report();
    }

    private static long flag(boolean set, int bit) {
        return set ? 1L << bit : 0;
    }

    /// The namespaces that have changed since the host last read their log page.
    BitSet changedNamespaces() {
        return changedNamespaces;
    }

    /// The host has read a log page and wants to hear of its events again.
    void logRead(int page) {
        switch (page) {
            case LogPageId.ERROR_INFORMATION -> silent[ERROR] = false;
            case LogPageId.SMART -> silent[HEALTH] = false;
            case LogPageId.CHANGED_NAMESPACES -> {
                silent[NOTICE] = false;
                changedNamespaces.clear();
            }
            default -> {}
        }
        report();
    }

    void request(Command command) {
        if (requests.size() >= Limits.EVENT_REQUESTS) {
            engine.finish(command, Status.EVENT_REQUEST_LIMIT_EXCEEDED);
            return;
        }
        adopt(command);
        report();
    }

    /// Takes a request that waits, of this host or of the one that migrated here.
    public void adopt(Command command) {
        engine.park(command);
        requests.add(command);
    }

    /// Ends a waiting request.
    ///
    /// @return whether it was there
    boolean abort(int commandId) {
        for (Command request : requests) {
            if (request.entry().commandId() == commandId) {
                requests.remove(request);
                engine.unpark(request, Status.ABORT_REQUESTED);
                return true;
            }
        }
        return false;
    }

    private void add(int type, int information, int page) {
        if (!isPending[type]) {
            isPending[type] = true;
            pending[type] = type | information << 8 | page << 16;
        }
        report();
    }

    /// Reports what can be reported now; also to be called when the controller goes on after it was
    /// quiet.
    public void report() {
        for (int type = 0; type < TYPES && !requests.isEmpty() && engine.mayPost(); type++) {
            if (isPending[type] && !silent[type]) {
                isPending[type] = false;
                silent[type] = true;
                Command request = requests.removeFirst();
                request.setResult(pending[type]);
                engine.unpark(request, Status.SUCCESS);
            }
        }
    }
}
