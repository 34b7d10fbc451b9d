package io.vfiouser.cli.bench;

/// Where the commands of one queue go: numbers of pieces of a namespace, each of the size of a
/// command. The same for each run.
final class Targets {
    private static final long MULTIPLIER = 0x2545_f491_4f6c_dd1dL;
    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

    private final Workload workload;
    private final long first;
    private final long count;
    private long random;
    private long position;
    private int mix;

    /// Targets for a queue.
    ///
    /// @param pieces of the whole namespace, at least as many as there are queues
    /// @param queue 0 to `queues` - 1
    Targets(Workload workload, long pieces, int queue, int queues) {
        this.workload = workload;
        this.count = workload.isRandom() ? pieces : pieces / queues;
        this.first = workload.isRandom() ? 0 : count * queue;
        this.random = GOLDEN * (queue + 1);
    }

    /// The next piece.
    long next() {
        if (workload.isRandom()) {
            return Math.unsignedMultiplyHigh(random(), count);
        }
        long piece = first + position;
        position = position + 1 == count ? 0 : position + 1;
        return piece;
    }

    /// Whether the next command reads.
    boolean reads() {
        mix += workload.readPercent();
        if (mix < 100) {
            return false;
        }
        mix -= 100;
        return true;
    }

    /// xorshift64*.
    private long random() {
        random ^= random >>> 12;
        random ^= random << 25;
        random ^= random >>> 27;
        return random * MULTIPLIER;
    }
}
