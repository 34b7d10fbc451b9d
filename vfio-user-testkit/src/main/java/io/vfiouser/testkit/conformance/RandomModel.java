package io.vfiouser.testkit.conformance;

import io.vfiouser.os.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Makes commands at random, and knows what a server answers to them in that order.
final class RandomModel {
    private static final long PAGE = 0x1000;
    private static final int PAGES = 32;

    private final Target target;
    private final Random random;
    private final TreeMap<Long, Long> regions = new TreeMap<>();
    private int line = -1;
    private int nextId;

    RandomModel(Target target, Random random) {
        this.target = target;
        this.random = random;
    }

    /// A command and what is expected of its reply.
    record Step(RawCommand command, Consumer<Peer> expectation) {
        void check(Peer peer) {
            expectation.accept(peer);
        }
    }

    /// The next command; the model takes it as executed.
    Step next() {
        Step step =
                switch (random.nextInt(9)) {
                    case 0 -> regionRead();
                    case 1 -> lineWrite();
                    case 2 -> lineRead();
                    case 3, 4 -> map();
                    case 5, 6 -> unmap();
                    case 7 -> irqs();
                    default -> information();
                };
        if (random.nextInt(8) == 0) {
            step.command.noReply();
            return new Step(step.command, _ -> {});
        }
        return step;
    }

    private Step regionRead() {
        long size = target.region(Bits.CONFIG).size();
        long offset = random.nextLong(size + 32);
        int count = 1 + random.nextInt(80);
        RawCommand read = id(Commands.regionRead(Bits.CONFIG, offset, count));
        if (offset + count > size) {
            return refused(read, Errno.EINVAL);
        }
        return new Step(
                read,
                peer -> {
                    Answer reply = peer.goodReplyTo(read);
                    reply.checkLength(16 + count);
                    Difference.checkHex("offset", offset, reply.u64(0));
                });
    }

    private Step lineWrite() {
        line = random.nextInt(256);
        return good(id(Commands.regionWrite(Bits.CONFIG, Bits.INTERRUPT_LINE, (byte) line)));
    }

    private Step lineRead() {
        RawCommand read = id(Commands.regionRead(Bits.CONFIG, Bits.INTERRUPT_LINE, 1));
        int expected = line;
        return new Step(
                read,
                peer -> {
                    int seen = peer.goodReplyTo(read).u8(16);
                    if (expected >= 0) {
                        Difference.checkHex("interrupt line", expected, seen);
                    }
                });
    }

    private Step map() {
        long address = PAGE * random.nextInt(PAGES);
        long size = PAGE * (1 + random.nextInt(4));
        RawCommand map = id(Commands.dmaMap(address, size));
        Map.Entry<Long, Long> below = regions.lowerEntry(address + size);
        if (below == null || below.getKey() + below.getValue() <= address) {
            regions.put(address, size);
            return good(map);
        }
        boolean same = below.getKey() == address && below.getValue() == size;
        return new Step(
                map,
                peer -> {
                    Answer reply = peer.replyTo(map);
                    boolean overlap =
                            reply.isError()
                                    && List.of(Errno.EEXIST, Errno.EINVAL).contains(reply.errno());
                    Difference.check(
                            overlap || (same && !reply.isError()), "EEXIST", reply.toString());
                });
    }

    private Step unmap() {
        if (random.nextInt(16) == 0) {
            regions.clear();
            return good(id(Commands.dmaUnmap(Bits.UNMAP_ALL, 0, 0)));
        }
        List<Long> known = new ArrayList<>(regions.keySet());
        long address =
                known.isEmpty() || random.nextInt(3) == 0
                        ? PAGE * random.nextInt(PAGES)
                        : known.get(random.nextInt(known.size()));
        long size = regions.getOrDefault(address, PAGE);
        if (random.nextInt(4) == 0) {
            size += PAGE;
        }
        RawCommand unmap = id(Commands.dmaUnmap(0, address, size));
        return regions.remove(address, size) ? good(unmap) : refused(unmap, Errno.ENOENT);
    }

    private Step irqs() {
        int index = random.nextInt(Bits.PCI_IRQS + 2);
        int start = random.nextInt(12);
        int count = 1 + random.nextInt(12);
        RawCommand trigger = id(Commands.setIrqs(Bits.TRIGGER_NONE, index, start, count));
        boolean inside = start + count <= target.irq(index).count();
        return inside ? good(trigger) : refused(trigger, Errno.EINVAL);
    }

    private Step information() {
        int index = random.nextInt(16);
        return switch (random.nextInt(4)) {
            case 0 -> good(id(Commands.getInfo()));
            case 1 -> {
                RawCommand info = id(Commands.regionInfo(index, 32));
                yield index < target.regions().size() ? good(info) : refused(info, Errno.EINVAL);
            }
            case 2 -> {
                RawCommand info = id(Commands.irqInfo(index));
                yield index < target.irqs().size() ? good(info) : refused(info, Errno.EINVAL);
            }
            default -> refused(id(RawCommand.of(100 + index).zeros(index)), Errno.EINVAL);
        };
    }

    private RawCommand id(RawCommand command) {
        nextId++;
        return command.id(random.nextBoolean() ? nextId & 0xffff : random.nextInt(4));
    }

    private static Step good(RawCommand command) {
        return new Step(command, peer -> peer.goodReplyTo(command));
    }

    private static Step refused(RawCommand command, Errno errno) {
        return new Step(command, peer -> peer.refusalOf(command, errno));
    }
}
