package io.vfiouser.server.stats;

import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.server.observe.CommandStats;
import io.vfiouser.server.observe.DeviceStats;
import io.vfiouser.server.observe.DmaStats;
import io.vfiouser.server.observe.LatencyStats;
import io.vfiouser.server.observe.RegionStats;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/// What is counted of one device over all its clients. Its loop writes, but for interrupts, which
/// any thread may fire; any thread reads.
public final class DeviceCounters {
    /// Commands of both dialects have lower numbers; others count as number 0.
    private static final int COMMANDS = 32;

    private static final int SESSIONS = 0;
    private static final int CONNECTIONS_REFUSED = 1;
    private static final int FAILURES = 2;

    private static final int GIVEN_UP = 3;

    private final Tallies events = new Tallies(4);
    private final LongAdder loopHeld = new LongAdder();
    private final Tallies commands = new Tallies(COMMANDS);
    private final Tallies errors = new Tallies(COMMANDS);
    private final LatencyTable latencies = new LatencyTable(COMMANDS);
    private final LongAdder[] interrupts =
            Stream.generate(LongAdder::new).limit(IrqIndex.COUNT).toArray(LongAdder[]::new);
    private final DmaCounters dma = new DmaCounters();
    private final AccessCounters accesses;
    private final int regionRead;
    private final int regionWrite;

    /// Nothing counted.
    ///
    /// @param accesses those of the device's regions
    /// @param regionRead the number of REGION_READ
    /// @param regionWrite the number of REGION_WRITE
    public DeviceCounters(AccessCounters accesses, int regionRead, int regionWrite) {
        this.accesses = accesses;
        this.regionRead = regionRead;
        this.regionWrite = regionWrite;
    }

    /// A client has negotiated.
    public void sessionBegan() {
        events.add(SESSIONS, 1);
    }

    /// A connection was refused.
    public void connectionRefused() {
        events.add(CONNECTIONS_REFUSED, 1);
    }

    /// Code of the device threw what it should not.
    public void deviceFailed() {
        events.add(FAILURES, 1);
    }

    /// The device was given up.
    public void givenUp() {
        events.add(GIVEN_UP, 1);
    }

    /// Code of the device holds its loop for too long; from any thread.
    public void heldLoop() {
        loopHeld.increment();
    }

    /// A command has come.
    public void command(int command) {
        commands.add(known(command), 1);
    }

    /// A command was answered with an error.
    public void error(int command) {
        errors.add(known(command), 1);
    }

    /// A command begins whose time will be told.
    public void expectTime() {
        accesses.expectTime();
    }

    /// How long a command took, from its beginning to its reply.
    public void took(int command, long nanos) {
        latencies.record(known(command), nanos);
        if (command == regionRead) {
            accesses.tookRead(nanos);
        } else if (command == regionWrite) {
            accesses.tookWrite(nanos);
        }
    }

    /// The interrupts of a type that were signalled to the client; any thread may add.
    public LongAdder interrupts(IrqIndex index) {
        return interrupts[index.index()];
    }

    /// The device's use of client memory.
    public DmaCounters dma() {
        return dma;
    }

    /// What has been counted until now.
    ///
    /// @param commandName of a command by its number
    /// @param regionName of a region by its index
    public DeviceStats snapshot(
            String device,
            boolean attached,
            IntFunction<String> commandName,
            IntFunction<String> regionName) {
        DmaStats memory = dma.snapshot();
        return new DeviceStats(
                device,
                attached,
                events.get(SESSIONS),
                events.get(CONNECTIONS_REFUSED),
                events.get(FAILURES),
                loopHeld.sum(),
                events.get(GIVEN_UP) != 0,
                commandStats(commandName),
                regionStats(regionName),
                interruptCounts(),
                memory);
    }

    private List<CommandStats> commandStats(IntFunction<String> name) {
        var list = new ArrayList<CommandStats>();
        for (int command = 0; command < COMMANDS; command++) {
            long count = commands.get(command);
            if (count > 0) {
                String text = command == 0 ? CommandStats.UNKNOWN : name.apply(command);
                LatencyStats latency = latencies.snapshot(command);
                list.add(new CommandStats(text, count, errors.get(command), latency));
            }
        }
        return list;
    }

    private List<RegionStats> regionStats(IntFunction<String> name) {
        var list = new ArrayList<RegionStats>();
        for (int region = 0; region < accesses.regions(); region++) {
            if (accesses.reads(region) + accesses.writes(region) > 0) {
                list.add(
                        new RegionStats(
                                region,
                                name.apply(region),
                                accesses.reads(region),
                                accesses.bytesRead(region),
                                accesses.readLatency(region),
                                accesses.writes(region),
                                accesses.bytesWritten(region),
                                accesses.writeLatency(region)));
            }
        }
        return list;
    }

    private Map<IrqIndex, Long> interruptCounts() {
        var counts = new EnumMap<IrqIndex, Long>(IrqIndex.class);
        for (IrqIndex index : IrqIndex.values()) {
            long count = interrupts(index).sum();
            if (count > 0) {
                counts.put(index, count);
            }
        }
        return counts;
    }

    private static int known(int command) {
        return command > 0 && command < COMMANDS ? command : 0;
    }
}
