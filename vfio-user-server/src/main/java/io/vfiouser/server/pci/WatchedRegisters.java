package io.vfiouser.server.pci;

/// Registers with a [WriteEffect], and what they were before the write under way.
final class WatchedRegisters {
    private final int start;
    private final int end;
    private final WriteEffect effect;
    private long before;

    WatchedRegisters(int start, int size, WriteEffect effect) {
        this.start = start;
        this.end = start + size;
        this.effect = effect;
    }

    boolean touchedBy(int from, int to) {
        return from < end && to > start;
    }

    void sample(RegisterImage registers) {
        before = effect.sample(registers, start);
    }

    ConfigEvent settle(RegisterImage registers) {
        return effect.settle(registers, start, before);
    }
}
