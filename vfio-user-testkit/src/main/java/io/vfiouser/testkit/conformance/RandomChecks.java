package io.vfiouser.testkit.conformance;

import io.vfiouser.os.FdBundle;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Sequences of commands and bytes out of a random generator, the same for the same seed.
final class RandomChecks {
    private static final int SEQUENCES = 6;
    private static final int BATCHES = 40;
    private static final int MAX_BATCH = 16;
    private static final int GARBAGE = 16;
    private static final int MAX_GARBAGE = 3000;

    private RandomChecks() {}

    static List<ConformanceCheck> checks(long seed) {
        var group = new CheckGroup("random", "Commands");
        for (int i = 0; i < SEQUENCES; i++) {
            long own = seed + i;
            group.check(
                    "commands of seed 0x%x".formatted(own),
                    "answered in order as a model of regions, memory and interrupts says",
                    peer -> sequence(peer, new Random(own)));
        }
        group.beforeVersion(
                "bytes of seed 0x%x before VERSION".formatted(seed),
                "the next client is served",
                peer -> {
                    Random random = new Random(seed);
                    for (int i = 0; i < GARBAGE; i++) {
                        garbage(peer.connectAlone(), random);
                    }
                    peer.nextClient().inStep();
                });
        group.check(
                "bytes of seed 0x%x after VERSION".formatted(seed),
                "the next client is served",
                peer -> {
                    Random random = new Random(seed);
                    Peer current = peer;
                    for (int i = 0; i < GARBAGE; i++) {
                        garbage(current, random);
                        current = current.nextClient();
                    }
                    current.inStep();
                });
        group.check(
                "proper commands with bytes of seed 0x%x overwritten".formatted(seed),
                "the next client is served",
                peer -> {
                    Random random = new Random(seed);
                    Peer current = peer;
                    for (int i = 0; i < GARBAGE; i++) {
                        current.send(mutated(random), FdBundle.empty());
                        current = current.nextClient();
                    }
                    current.inStep();
                });
        return group.checks();
    }

    private static void sequence(Peer peer, Random random) {
        var model = new RandomModel(peer.target(), random);
        for (int i = 0; i < BATCHES; i++) {
            var expected = new ArrayList<RandomModel.Step>();
            for (int left = random.nextInt(MAX_BATCH); left >= 0; left--) {
                expected.add(model.next());
            }
            peer.send(expected.stream().map(RandomModel.Step::command).toArray(RawCommand[]::new));
            for (RandomModel.Step step : expected) {
                step.check(peer);
            }
        }
        peer.inStep();
    }

    private static void garbage(Peer peer, Random random) {
        byte[] bytes = new byte[1 + random.nextInt(MAX_GARBAGE)];
        random.nextBytes(bytes);
        peer.send(bytes, FdBundle.empty());
        peer.disconnect();
    }

    private static byte[] mutated(Random random) {
        var commands =
                List.of(
                        Commands.dmaMap(0x1000, 0x1000),
                        Commands.regionInfo(random.nextInt(9), 64),
                        Commands.setIrqs(Bits.TRIGGER_NONE, random.nextInt(5), 0, 1),
                        Commands.regionWrite(Bits.CONFIG, Bits.INTERRUPT_LINE, (byte) 1),
                        Commands.regionIoFds(Bits.CONFIG, 16),
                        Commands.feature(random.nextInt(), 64).zeros(24),
                        Commands.entry(Commands.writeMulti(1), Bits.CONFIG, 0x3c, 1, 1));
        byte[] bytes = commands.get(random.nextInt(commands.size())).toBytes();
        for (int left = random.nextInt(4); left >= 0; left--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return bytes;
    }
}
