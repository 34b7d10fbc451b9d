package io.vfiouser.cli.bench;

/// What the commands of a benchmark do, and where.
public enum Workload {
    /// Reads anywhere.
    RANDREAD(100, true),
    /// Writes anywhere.
    RANDWRITE(0, true),
    /// Reads one behind the other; each queue in a part of its own.
    READ(100, false),
    /// Writes one behind the other; each queue in a part of its own.
    WRITE(0, false),
    /// Reads and writes anywhere, seven of ten reads.
    MIXED(70, true);

    private final int readPercent;
    private final boolean random;

    Workload(int readPercent, boolean random) {
        this.readPercent = readPercent;
        this.random = random;
    }

    /// How many of 100 commands read.
    public int readPercent() {
        return readPercent;
    }

    /// Whether it goes anywhere, not one behind the other.
    public boolean isRandom() {
        return random;
    }

    /// Whether it changes what is stored.
    public boolean writes() {
        return readPercent < 100;
    }
}
