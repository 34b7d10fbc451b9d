package io.vfiouser.server.region;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.server.pci.ConfigSpaceEngine;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

/// Region 7: hands accesses to the config space engine, and answers a write that asks for a reset
/// only when the reset is done.
public final class ConfigRegion implements RegionHandler {
    private final ConfigSpaceEngine engine;
    private final Supplier<Completion> afterWrite;

    /// A region in front of `engine`.
    ///
    /// @param afterWrite what a write has set off and must be done before it is answered
    public ConfigRegion(ConfigSpaceEngine engine, Supplier<Completion> afterWrite) {
        this.engine = engine;
        this.afterWrite = afterWrite;
    }

    @Override
    public Completion read(long offset, MemorySegment into) {
        engine.clientRead((int) offset, into);
        return Completion.DONE;
    }

    @Override
    public Completion write(long offset, MemorySegment from) {
        engine.clientWrite((int) offset, from);
        return afterWrite.get();
    }
}
