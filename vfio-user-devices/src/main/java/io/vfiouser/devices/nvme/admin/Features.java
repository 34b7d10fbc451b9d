package io.vfiouser.devices.nvme.admin;

import io.vfiouser.devices.nvme.spec.FeatureId;
import java.util.Arrays;
import java.util.BitSet;

/// The features as the host has set them (NVMe 1.4: "Feature Specific Information"). All go back to
/// their defaults with a reset.
public final class Features {
    private static final int COUNT = 0x10;
    private static final int HOST_ID_SIZE = 16;
    private static final int STATE_SIZE = COUNT + HOST_ID_SIZE + 5;
    private static final int ARBITRATION_BURST = 6;
    private static final int OVER_TEMPERATURE = 343;

    private final int[] values = new int[COUNT];
    private final BitSet uncoalescedVectors = new BitSet();
    private final byte[] hostId = new byte[HOST_ID_SIZE];
    private int underTemperature;
    private long timestampMillis;
    private long timestampNanos;
    private boolean timestampSet;

    /// Everything at its default.
    public Features() {
        reset();
    }

    /// Puts everything back to its default.
    public void reset() {
        for (int id = 0; id < COUNT; id++) {
            values[id] = defaultOf(id);
        }
        underTemperature = 0;
        uncoalescedVectors.clear();
        Arrays.fill(hostId, (byte) 0);
        timestampMillis = 0;
        timestampNanos = System.nanoTime();
        timestampSet = false;
    }

    /// The default of a feature whose value is one dword.
    static int defaultOf(int id) {
        return switch (id) {
            case FeatureId.ARBITRATION -> ARBITRATION_BURST;
            case FeatureId.TEMPERATURE_THRESHOLD -> OVER_TEMPERATURE;
            case FeatureId.VOLATILE_WRITE_CACHE -> 1;
            default -> 0;
        };
    }

    /// A feature whose value is one dword.
    ///
    /// @param id below 0x10
    public int value(int id) {
        return values[id];
    }

    /// Sets a feature whose value is one dword.
    ///
    /// @param id below 0x10
    public void set(int id, int value) {
        values[id] = value;
    }

    /// Everything as numbers, for migration.
    public long[] state() {
        long[] state = new long[STATE_SIZE];
        for (int id = 0; id < COUNT; id++) {
            state[id] = values[id];
        }
        for (int i = 0; i < HOST_ID_SIZE; i++) {
            state[COUNT + i] = hostId[i];
        }
        int at = COUNT + HOST_ID_SIZE;
        state[at] = underTemperature;
        state[at + 1] = timestamp();
        state[at + 2] = timestampSet ? 1 : 0;
        long[] vectors = uncoalescedVectors.toLongArray();
        System.arraycopy(vectors, 0, state, at + 3, vectors.length);
        return state;
    }

    /// Takes over what [#state()] gave in another process.
    public void restore(long[] state) {
        for (int id = 0; id < COUNT; id++) {
            values[id] = (int) state[id];
        }
        for (int i = 0; i < HOST_ID_SIZE; i++) {
            hostId[i] = (byte) state[COUNT + i];
        }
        int at = COUNT + HOST_ID_SIZE;
        underTemperature = (int) state[at] & 0xffff;
        setTimestamp(state[at + 1], state[at + 2] != 0);
        uncoalescedVectors.clear();
        uncoalescedVectors.or(BitSet.valueOf(Arrays.copyOfRange(state, at + 3, STATE_SIZE)));
    }

    /// Whether the host lets writes stay in a volatile cache.
    public boolean writeCache() {
        return (values[FeatureId.VOLATILE_WRITE_CACHE] & 1) != 0;
    }

    /// Which asynchronous events the host wants.
    public int asyncEventConfig() {
        return values[FeatureId.ASYNC_EVENT_CONFIG];
    }

    /// How many commands of one queue are fetched before it is the next one's turn.
    public int burst() {
        int power = values[FeatureId.ARBITRATION] & 7;
        return power == 7 ? Integer.MAX_VALUE : 1 << power;
    }

    /// The temperature below which the host wants to be told, in kelvin.
    public int underTemperature() {
        return underTemperature;
    }

    /// Sets the temperature below which the host wants to be told.
    public void setUnderTemperature(int kelvin) {
        underTemperature = kelvin;
    }

    /// The vectors that coalescing is switched off for.
    public BitSet uncoalescedVectors() {
        return uncoalescedVectors;
    }

    /// The host's id, 16 bytes; the array itself.
    public byte[] hostId() {
        return hostId;
    }

    /// Milliseconds since 1970, as the host set them and as they went on since; since the reset if
    /// it never did.
    public long timestamp() {
        long since = (System.nanoTime() - timestampNanos) / 1_000_000;
        return timestampMillis + since & 0xffff_ffff_ffffL;
    }

    /// Whether the host has set the time.
    public boolean isTimestampSet() {
        return timestampSet;
    }

    /// Sets the time.
    public void setTimestamp(long millis, boolean byHost) {
        timestampMillis = millis;
        timestampNanos = System.nanoTime();
        timestampSet = byHost;
    }
}
